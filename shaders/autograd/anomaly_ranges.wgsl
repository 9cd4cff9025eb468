// One workgroup: if op `number` is the one that was found, and only once, the range of x [n], one of its inputs: 1, how many elements are NaN
// or infinite, and of the others the key of the largest and the inverted key of the smallest, from checks[details] on.
struct Params { n: u32, check: u32, number: u32, details: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> checks: array<atomic<u32>>;
var<workgroup> wanted: u32;

@compute @workgroup_size(@{WG})
fn main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) {
    let open = atomicLoad(&checks[params.check]) == params.number && atomicLoad(&checks[params.details]) == 0u;
    wanted = select(0u, 1u, open);
  }
  if (workgroupUniformLoad(&wanted) == 0u) { return; }
  var outside = 0u;
  var highest = 0u;
  var lowest = 0u;
  for (var i = lane; i < params.n; i += @{WG}u) {
    let bits = x[i];
    if ((bits & 0x7fffffffu) >= 0x7f800000u) {
      outside++;
    } else {
      highest = max(highest, order_key(bits));
      lowest = max(lowest, ~order_key(bits));
    }
  }
  atomicAdd(&checks[params.details + 1u], outside);
  atomicMax(&checks[params.details + 2u], highest);
  atomicMax(&checks[params.details + 3u], lowest);
  if (lane == 0u) { atomicStore(&checks[params.details], 1u); }
}
