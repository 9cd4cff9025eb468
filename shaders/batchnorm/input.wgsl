// An element of the tensor that is normalised: x, or with RELU max(x, 0), which is never stored.
fn input_at(at: u32) -> f32 {
  //@if RELU
  return max(x[at], 0.0);
  //@else
  return x[at];
  //@end
}
