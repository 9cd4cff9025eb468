// x [N, C, L] cut into slices: slice (a, b) of a channel holds n = a, a + batch_slices, … and l = b, b + inner_slices, ….
// A workgroup serves one channel and has a slice for each of its lanes, b first, so that neighbouring lanes read neighbouring
// elements. With CHANNELS > 1 that many neighbouring channels count as one: L is 1, and a unit is one element of each.
struct Slice { count: u32, row: u32, l: u32, first: u32 }

// Lanes without a slice get an empty one, since every lane has to reach the barriers.
fn slice_at(channel: u32, s: u32) -> Slice {
  if (s >= params.batch_slices * params.inner_slices) { return Slice(0u, 0u, 0u, 0u); }
  let a = s / params.inner_slices;
  let b = s % params.inner_slices;
  let rows = (params.batch - a + params.batch_slices - 1u) / params.batch_slices;
  let columns = (params.inner - b + params.inner_slices - 1u) / params.inner_slices;
  return Slice(rows * columns, (a * params.channels + channel) * params.inner, b, b);
}

// Moves on to the next unit, at `row + l`, without a division.
fn advance(slice: ptr<function, Slice>) {
  let l = (*slice).l + params.inner_slices;
  let over = l >= params.inner;
  (*slice).l = select(l, (*slice).first, over);
  (*slice).row += select(0u, params.batch_slices * params.channels * params.inner, over);
}
