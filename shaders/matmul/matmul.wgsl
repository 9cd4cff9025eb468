// C[b, m, n] = Σ_k A[b, m, k] · B[b, k, n] (+ bias[n]); every operand is walked by its own strides. One output an invocation.
struct Params {
  n: u32,
  rows: u32,
  columns: u32,
  depth: u32,
  a_row: u32,
  a_depth: u32,
  b_depth: u32,
  b_column: u32,
  batch_rank: u32,
  has_bias: u32,
  relu: u32,
  batch_shape: array<vec4u, 2>,
  a_batch: array<vec4u, 2>,
  b_batch: array<vec4u, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;
// Read where has_bias is 1; else any buffer stands in.
@group(0) @binding(4) var<storage, read> bias: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let column = i % params.columns;
  let row = i / params.columns % params.rows;
  let start = batch_offsets(i / params.columns / params.rows);
  var at_a = start.x + row * params.a_row;
  var at_b = start.y + column * params.b_column;
  // Short sums of 64 products, so that the error grows with their number and not with the depth.
  var total = 0.0;
  for (var k = 0u; k < params.depth; k += 64u) {
    var part = 0.0;
    for (var j = k; j < min(k + 64u, params.depth); j++) {
      part += a[at_a] * b[at_b];
      at_a += params.a_depth;
      at_b += params.b_depth;
    }
    total += part;
  }
  if (params.has_bias == 1u) { total += bias[column]; }
  c[i] = activated(total);
}
