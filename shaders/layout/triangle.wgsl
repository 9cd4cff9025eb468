// y = x on one side of a diagonal of matrices [..., rows, columns], that included, and 0 on the other. Elements are copied as bits.
struct Params { n: u32, rows: u32, columns: u32, diagonal: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let above = i32(i % params.columns) - i32(i / params.columns % params.rows);
  //@if KIND == 'tril'
  let kept = above <= params.diagonal;
  //@elif KIND == 'triu'
  let kept = above >= params.diagonal;
  //@else
  //@error triangle.wgsl has no kind '@{KIND}'
  //@end
  y[i] = select(0u, x[i], kept);
}
