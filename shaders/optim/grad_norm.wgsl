// Partial norms of a gradient: invocation i takes the elements i, i + parts, i + 2 parts, … and leaves their sum of squares,
// or (MAXIMUM) the largest absolute value, at y[start + i].
struct Params { n: u32, parts: u32, start: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.parts) { return; }
  //@if MAXIMUM
  // Absolute values in the order of their bits, with NaN last.
  var largest = 0u;
  for (var k = i; k < params.n; k += params.parts) { largest = max(largest, bitcast<u32>(x[k]) & 0x7fffffffu); }
  y[params.start + i] = bitcast<f32>(largest);
  //@else
  var total = 0.0;
  for (var k = i; k < params.n; k += params.parts) {
    let v = x[k];
    total += v * v;
  }
  y[params.start + i] = total;
  //@end
}
