// Where an element lies in tensors that are read by strides: up to 8 axes, two vec4u of params for each list. RANK is the
// number of axes, or the larger of two that a kernel has; unused strides are 0.

// The index along each axis of element `i` of a shape with `rank` axes. The outermost one needs no remainder.
fn index_of(i: u32, shape: array<vec4u, 2>, rank: u32) -> array<vec4u, 2> {
  var index: array<vec4u, 2>;
  var rest = i;
  //@for k in 1..RANK
  //@let d = RANK - k
  if (@{d}u < rank) {
    index[@{d / 4}][@{d % 4}] = rest % shape[@{d / 4}][@{d % 4}];
    rest /= shape[@{d / 4}][@{d % 4}];
  }
  //@end
  index[0][0] = rest;
  return index;
}

// Where the element with that index lies.
fn offset_of(index: array<vec4u, 2>, strides: array<vec4u, 2>) -> u32 {
  var offset = 0u;
  //@for d in 0..RANK
  offset += index[@{d / 4}][@{d % 4}] * strides[@{d / 4}][@{d % 4}];
  //@end
  return offset;
}
