// Stores `number` in checks[check], unless something is there already, where x [n] holds a NaN or an infinity. All invocations store the
// same. They are found by their bits: a compiler may assume that neither exists.
struct Params { n: u32, check: u32, number: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<U>;
@group(0) @binding(2) var<storage, read_write> checks: array<atomic<u32>>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  var largest = U(0);
  let stride = groups.x * groups.y * @{WG}u;
  for (var i = (group.y * groups.x + group.x) * @{WG}u + lane; i < params.n; i += stride) {
    largest = max(largest, x[i] & U(0x7fffffff));
  }
  //@if VEC == 4
  let found = any(largest >= U(0x7f800000));
  //@else
  let found = largest >= U(0x7f800000);
  //@end
  if (found && atomicLoad(&checks[params.check]) == 0u) { atomicStore(&checks[params.check], params.number); }
}
