// What is applied to a result before it is written.
struct Params {
  // 0 or 1.
  relu: u32,
}

fn activated(v: f32) -> f32 {
  return select(v, max(v, 0.0), params.relu == 1u);
}
