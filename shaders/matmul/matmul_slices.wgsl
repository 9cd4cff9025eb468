// Adds up the partial results [slices, n] of a product whose depth was split, in their order; then bias and activation.
struct Params {
  n: u32,
  slices: u32,
  columns: u32,
  has_bias: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
// Read where has_bias is 1; else any buffer stands in.
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

@compute @workgroup_size(@{WG})
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linear_index(workgroup_id, num_workgroups, lane);
  if (i >= params.n) { return; }
  var sum = partial[i];
  for (var s = 1u; s < params.slices; s++) { sum += partial[s * params.n + i]; }
  if (params.has_bias == 1u) { sum += bias[i % params.columns]; }
  c[i] = activated(sum);
}
