// Which of the four elements of a block survive a dropout; those are multiplied by `params.dropout_scale`. Params holds the fields of
// `dropoutParams` (ops/dropout/draw.ts).
//@if DROPOUT
fn survivors(block: u32) -> vec4<bool> {
  let offset = vec2u(params.offset_low, params.offset_high);
  let u = unit(philox_block(offset, block, vec2u(params.seed_low, params.seed_high)));
  return u >= vec4f(params.p);
}
//@end
