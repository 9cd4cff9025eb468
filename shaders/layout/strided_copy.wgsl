// y[y_start + Σ i·y_strides] = x[x_start + Σ i·x_strides] for every index i of the shape.
// Permuting, broadcasting, slicing, joining and padding are all this. Elements are copied as bits.
struct Params {
  n: u32,
  x_start: u32,
  y_start: u32,
  shape: array<vec4u, 2>,
  x_strides: array<vec4u, 2>,
  y_strides: array<vec4u, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.n); i += @{WG}u) {
    let index = index_of(i, params.shape, @{RANK}u);
    let from_place = params.x_start + offset_of(index, params.x_strides);
    y[params.y_start + offset_of(index, params.y_strides)] = x[from_place];
  }
}
