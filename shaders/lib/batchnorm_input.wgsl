// The normalised tensor's element: of x, or with RELU of max(x, 0), which is then stored nowhere.
fn input_at(at: u32) -> f32 {
  //@if RELU
  return max(x[at], 0.0);
  //@else
  return x[at];
  //@end
}
