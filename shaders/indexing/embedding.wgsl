// z[i, …] = x[indices[i], …] for rows of `width` elements, as bits. Negative int32 indices are huge as uint32, so one
// comparison finds every index that is out of range: its row is filled with the bits `invalid`.
struct Params { n: u32, rows: u32, width: u32, invalid: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> z: array<u32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let row = indices[i / params.width];
  var bits = params.invalid;
  if (row < params.rows) { bits = x[row * params.width + i % params.width]; } else { report(row); }
  z[i] = bits;
}
