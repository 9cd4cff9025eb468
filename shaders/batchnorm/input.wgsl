// An element of the tensor that is normalised: x, or with RELU max(x, 0), which is never stored.
fn input_at(at: u32) -> f32 {
  //@if RELU
  let v = x[at];
  return select(max(v, 0.0), v, is_nan(v));
  //@else
  return x[at];
  //@end
}
