// Row, column and plane number of element `i` of planes of this size.
fn position_of(i: u32, height: u32, width: u32) -> vec3u {
  let row = i / width;
  return vec3u(row % height, i % width, row / height);
}

// The position of the element after the one at `position`.
fn next_position(position: vec3u, height: u32, width: u32) -> vec3u {
  let column = select(position.y + 1u, 0u, position.y + 1u == width);
  let row = position.x + select(0u, 1u, column == 0u);
  return vec3u(select(row, 0u, row == height), column, position.z + select(0u, 1u, row == height));
}

// The windows along an axis that cover the coordinate `at` (counted from the beginning of the padding): first ..< end.
// `extent` is the size of a window with the gaps of its dilation, `windows` how many there are.
fn windows_over(at: u32, extent: u32, stride: u32, windows: u32) -> vec2u {
  return vec2u(select(0u, (at - extent) / stride + 1u, at >= extent), min(windows, at / stride + 1u));
}
