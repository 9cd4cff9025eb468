// The factors of the four elements of a block: `params.dropout_scale` for those that survive a dropout, else 0. To multiply by 0 keeps
// NaN, and makes NaN of infinity, as in PyTorch. Params holds the fields of `dropoutParams` (ops/dropout/draw.ts).
//@if DROPOUT
fn dropout_factors(block: u32) -> vec4f {
  let offset = vec2u(params.offset_low, params.offset_high);
  let u = unit(philox_block(offset, block, vec2u(params.seed_low, params.seed_high)));
  return select(vec4f(0.0), vec4f(params.dropout_scale), u >= vec4f(params.p));
}
//@end
