// An element of the tensor that is normalised: x, or with RELU max(x, 0), which is never stored. The ReLU leaves NaN as it is: the
// numbers from -0 to -infinity become 0, by their bits.
fn input_at(at: u32) -> f32 {
  //@if RELU
  let bits = bitcast<u32>(x[at]);
  return bitcast<f32>(select(bits, 0u, bits - 0x80000000u <= 0x7f800000u));
  //@else
  return x[at];
  //@end
}

//@if RELU
// Whether the gradient passes the ReLU: where x is above 0, be it by a denormal, or NaN.
fn passes_relu(at: u32) -> bool {
  return bitcast<u32>(x[at]) - 1u < 0x7f800000u || is_nan(x[at]);
}
//@end
