// Where the matrices of batch entry `index` begin in A and B.
fn batch_offsets(index: u32) -> vec2u {
  var rest = index;
  var at = vec2u(0u);
  for (var d = i32(params.batch_rank) - 1; d >= 0; d--) {
    let size = params.batch_shape[d / 4][d % 4];
    at += (rest % size) * vec2u(params.a_batch[d / 4][d % 4], params.b_batch[d / 4][d % 4]);
    rest /= size;
  }
  return at;
}
