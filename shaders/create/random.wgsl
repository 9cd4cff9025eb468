// Four numbers an invocation, uniform in [low, high) or normal (Box, Muller 1958) with mean `low` and deviation `high`.
struct Params { n: u32, seed_low: u32, seed_high: u32, offset_low: u32, offset_high: u32, low: f32, high: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = linear_index(group, groups, lane);
  if (block * 4u >= params.n) { return; }
  let u = unit(philox_block(vec2u(params.offset_low, params.offset_high), block, vec2u(params.seed_low, params.seed_high)));
  //@if KIND == 'normal'
  // An adapter's log may be above 0 just below 1.
  let radius = sqrt(max(vec2f(0.0), -2.0 * log(1.0 - u.xz)));
  let angle = 6.283185307179586 * u.yw;
  let v = params.low + params.high * vec4f(radius * cos(angle), radius * sin(angle));
  //@else
  let v = params.low + (params.high - params.low) * u;
  //@end
  for (var k = 0u; k < 4u; k++) {
    if (block * 4u + k < params.n) { y[block * 4u + k] = v[k]; }
  }
}
