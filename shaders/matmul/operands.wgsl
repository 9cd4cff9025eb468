// The operands of a batch of products C[m, n] = Σ_k A[m, k] · B[k, n] (+ bias[n]) and their strides, in elements.
struct Params {
  // Elements of C, all batch entries together.
  n: u32,
  a_row: u32,
  a_depth: u32,
  b_depth: u32,
  b_column: u32,
  has_bias: u32,
  // The axes of the batch and the strides of A and B in them.
  batch_rank: u32,
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

// Where the matrices of batch entry `entry` begin in A and B.
fn batch_offsets(entry: u32) -> vec2u {
  var rest = entry;
  var at = vec2u(0u);
  for (var d = i32(params.batch_rank) - 1; d >= 0; d--) {
    let size = params.batch_shape[d / 4][d % 4];
    at += (rest % size) * vec2u(params.a_batch[d / 4][d % 4], params.b_batch[d / 4][d % 4]);
    rest /= size;
  }
  return at;
}
