// The row, the column and the number of the plane of element `i` of planes of this size.
fn place_of(i: u32, height: u32, width: u32) -> vec3u {
  let row = i / width;
  return vec3u(row % height, i % width, row / height);
}

// The place of the element behind that of `place`.
fn next_place(place: vec3u, height: u32, width: u32) -> vec3u {
  let column = select(place.y + 1u, 0u, place.y + 1u == width);
  let row = place.x + select(0u, 1u, column == 0u);
  return vec3u(select(row, 0u, row == height), column, place.z + select(0u, 1u, row == height));
}

// The windows along an axis that span the place `at` (counted from the beginning of the padding): first ..< end.
// `span` is the size of a window with its gaps, `places` how many windows there are.
fn windows_over(at: u32, span: u32, stride: u32, places: u32) -> vec2u {
  return vec2u(select(0u, (at - span) / stride + 1u, at >= span), min(places, at / stride + 1u));
}
