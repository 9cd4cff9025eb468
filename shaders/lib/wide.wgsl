// Products of 64 bits, which WGSL has no type for.
fn mul_wide(a: u32, b: u32) -> vec2u { // (low, high) of the 64-bit product
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let ll = al * bl;
  let lh = al * bh;
  let hl = ah * bl;
  let mid = (ll >> 16u) + (lh & 0xffffu) + (hl & 0xffffu);
  return vec2u(a * b, ah * bh + (lh >> 16u) + (hl >> 16u) + (mid >> 16u));
}
