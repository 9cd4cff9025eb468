// Two integers an invocation, low + floor(r · range / 2^64) of 64 random bits r each: no number is more likely than another by more
// than range / 2^64. A range of 0 stands for 2^32.
struct Params { n: u32, seed_low: u32, seed_high: u32, offset_low: u32, offset_high: u32, low: u32, range: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = linear_index(group, groups, lane);
  if (block * 2u >= params.n) { return; }
  let bits = philox_block(vec2u(params.offset_low, params.offset_high), block, vec2u(params.seed_low, params.seed_high));
  for (var k = 0u; k < 2u; k++) {
    let r = select(bits.xy, bits.zw, k == 1u);
    let high = mul_wide(r.x, params.range);
    let carried = mul_wide(r.y, params.range).y;
    let scaled = high.y + select(0u, 1u, high.x + carried < carried);
    let value = select(scaled, r.x, params.range == 0u);
    if (block * 2u + k < params.n) { y[block * 2u + k] = params.low + value; }
  }
}
