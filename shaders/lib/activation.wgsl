// What is applied to a result before it is written; Params holds `relu`, 0 or 1.
fn activated(v: f32) -> f32 {
  return select(v, max(v, 0.0), params.relu == 1u);
}
