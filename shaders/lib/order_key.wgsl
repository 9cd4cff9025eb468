// Keys that order the bits of floats as unsigned integers, without a float comparison: -0 and 0 are equal, NaN is larger
// than everything.
fn order_key(bits: u32) -> u32 {
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return 0xffffffffu; }
  return select(0x80000000u + magnitude, 0x80000000u - magnitude, magnitude != bits);
}

// The bits of the float that has this key (not NaN's).
fn bits_of_key(key: u32) -> u32 {
  return select((0x80000000u - key) | 0x80000000u, key - 0x80000000u, key >= 0x80000000u);
}
