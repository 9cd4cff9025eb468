// What is applied to a result before it is written. ReLU leaves NaN as it is: the numbers from -0 to -infinity become 0, by
// their bits, since compilers may assume that NaN does not exist.
struct Params {
  // 0 or 1.
  relu: u32,
}

fn activated(v: f32) -> f32 {
  let bits = bitcast<u32>(v);
  return bitcast<f32>(select(bits, 0u, params.relu == 1u && bits - 0x80000000u <= 0x7f800000u));
}
