// The gradients of layer_norm.wgsl's w and b: dw[k] = Σ g · x̂ and db[k] = Σ g over the rows, here over slices of `slice` rows.
struct Params { n: u32, rows: u32, length: u32, slice: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<f32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;
@group(0) @binding(4) var<storage, read_write> dw: array<f32>;
@group(0) @binding(5) var<storage, read_write> db: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let first = i / params.length * params.slice;
  let end = min(first + params.slice, params.rows);
  var weight_sum = 0.0;
  var bias_sum = 0.0;
  for (var row = first; row < end; row++) {
    let at = row * params.length + i % params.length;
    weight_sum += g[at] * ((x[at] - stats[2u * row]) * stats[2u * row + 1u]);
    bias_sum += g[at];
  }
  dw[i] = weight_sum;
  db[i] = bias_sum;
}
