// Σ dy and Σ dy · (input - mean) of each slice of a channel, dy behind the dropout of the forward pass. The walk is that of
// batchnorm_normalize.
struct Params {
  batch: u32,
  channels: u32,
  inner: u32,
  batch_slices: u32,
  inner_slices: u32,
  //@if DROPOUT
  seed_low: u32,
  seed_high: u32,
  offset_low: u32,
  offset_high: u32,
  p: f32,
  keep_scale: f32,
  //@end
}
//@let CHANNELS = 1 + 3 * DROPOUT
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> stats: array<f32>;
@group(0) @binding(4) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.channels * params.batch_slices * params.inner_slices) { return; }
  var slice = slice_at(i);
  //@for c in 0..CHANNELS
  let mean@{c} = stats[slice.channel * @{CHANNELS}u + @{c}u];
  var total@{c} = vec2f(0.0);
  //@end
  var left = slice.count;
  // Eight at a time, since the loop itself costs more than its body; then one at a time. Random numbers cost more than a loop, but
  // the order of the sum stays.
  //@for tail in DROPOUT..2
  //@let steps = 8 - 7 * tail
  //@if DROPOUT
  for (var steps = 0u; left > 0u; left -= steps) {
    steps = select(1u, 8u, left >= 8u);
  //@else
  for (; left >= @{steps}u; left -= @{steps}u) {
  //@end
    //@for c in 0..CHANNELS
    var sum@{c} = vec2f(0.0);
    //@end
    //@if DROPOUT
    for (var step = 0u; step < steps; step++) {
    //@end
    //@for k in 0..steps
    {
      let unit = slice.row + slice.l;
      //@if DROPOUT
      let keep = kept(unit);
      //@end
      //@for c in 0..CHANNELS
      {
        let at = unit * @{CHANNELS}u + @{c}u;
        //@if DROPOUT
        let g = select(0.0, dy[at] * params.keep_scale, keep[@{c}]);
        //@else
        let g = dy[at];
        //@end
        sum@{c} += vec2f(g, g * (input_at(at) - mean@{c}));
      }
      //@end
      advance(&slice);
    }
    //@end
    //@if DROPOUT
    }
    //@end
    //@for c in 0..CHANNELS
    total@{c} += sum@{c};
    //@end
  }
  //@end
  //@for c in 0..CHANNELS
  partial[(i * @{CHANNELS}u + @{c}u) * 2u] = total@{c}.x;
  partial[(i * @{CHANNELS}u + @{c}u) * 2u + 1u] = total@{c}.y;
  //@end
}
