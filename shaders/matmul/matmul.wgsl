// A batch of products (operands.wgsl), any strides, on any adapter: one element of C an invocation.

@compute @workgroup_size(@{WG})
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linear_index(workgroup_id, num_workgroups, lane);
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
