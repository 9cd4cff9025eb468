// Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
fn philox(counter: vec4u, seed: vec2u) -> vec4u {
  var c = counter;
  var k = seed;
  for (var round = 0u; round < 10u; round++) {
    let p0 = mul_wide(0xD2511F53u, c.x);
    let p1 = mul_wide(0xCD9E8D57u, c.z);
    c = vec4u(p1.y ^ c.y ^ k.x, p1.x, p0.y ^ c.w ^ k.y, p0.x);
    k += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

// Block `index` after the 64-bit position `offset` (low, high) of the stream.
fn philox_block(offset: vec2u, index: u32, seed: vec2u) -> vec4u {
  let low = offset.x + index;
  return philox(vec4u(low, offset.y + select(0u, 1u, low < index), 0u, 0u), seed);
}

// Uniform in [0, 1) with 24 bits, as float32 can hold.
fn unit(bits: vec4u) -> vec4f {
  return vec4f(bits >> vec4u(8u)) * (1.0 / 16777216.0);
}
