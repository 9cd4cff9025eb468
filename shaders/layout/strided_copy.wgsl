// y[y_start + Σ i·y_strides] = x[x_start + Σ i·x_strides] for every index i of the shape.
// Permuting, broadcasting, slicing, joining and padding are all this.
struct Params {
  n: u32,
  x_start: u32,
  y_start: u32,
  shape: array<vec4u, 2>,
  x_strides: array<vec4u, 2>,
  y_strides: array<vec4u, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<@{T}>;
@group(0) @binding(2) var<storage, read_write> y: array<@{T}>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.n); i += @{WG}u) {
    var from_at = params.x_start;
    var to_at = params.y_start;
    var rest = i;
    //@for k in 0..RANK
    //@let d = RANK - 1 - k
    {
      let size = params.shape[@{d / 4}][@{d % 4}];
      let at = rest % size;
      rest /= size;
      from_at += at * params.x_strides[@{d / 4}][@{d % 4}];
      to_at += at * params.y_strides[@{d / 4}][@{d % 4}];
    }
    //@end
    y[to_at] = x[from_at];
  }
}
