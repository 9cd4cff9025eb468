// x [N, C, L] cut into slices: slice (a, b) of a channel holds n = a, a + batch_slices, … and l = b, b + inner_slices, ….
// Invocations are numbered b first, then c, then a, so that neighbours read neighbouring elements.
struct Slice { channel: u32, count: u32, row: u32, l: u32, first: u32 }

fn slice_length(a: u32, b: u32) -> u32 {
  let rows = (params.batch - a + params.batch_slices - 1u) / params.batch_slices;
  let columns = (params.inner - b + params.inner_slices - 1u) / params.inner_slices;
  return rows * columns;
}

fn slice_at(i: u32) -> Slice {
  let b = i % params.inner_slices;
  let channel = (i / params.inner_slices) % params.channels;
  let a = i / params.inner_slices / params.channels;
  return Slice(channel, slice_length(a, b), (a * params.channels + channel) * params.inner, b, b);
}

// To the next element, at `row + l`, without a division.
fn advance(slice: ptr<function, Slice>) {
  let l = (*slice).l + params.inner_slices;
  let over = l >= params.inner;
  (*slice).l = select(l, (*slice).first, over);
  (*slice).row += select(0u, params.batch_slices * params.channels * params.inner, over);
}
