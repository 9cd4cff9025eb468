// y = (input - mean) / deviation · weight + bias, and the dropout of that. An invocation walks a slice of a channel. With DROPOUT a slice
// is one of four neighbouring channels of x [N, C], which a block of random numbers serves; the channels are counted in fours then.
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
@group(0) @binding(2) var<storage, read> stats: array<f32>;
//@if WEIGHT
@group(0) @binding(3) var<storage, read> weight: array<f32>;
//@end
//@if BIAS
@group(0) @binding(@{3 + WEIGHT}) var<storage, read> bias: array<f32>;
//@end
@group(0) @binding(@{3 + WEIGHT + BIAS}) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.channels * params.batch_slices * params.inner_slices) { return; }
  var slice = slice_at(i);
  //@for c in 0..CHANNELS
  let channel@{c} = slice.channel * @{CHANNELS}u + @{c}u;
  let mean@{c} = stats[channel@{c}];
  var scale@{c} = stats[params.channels * @{CHANNELS}u + channel@{c}];
  //@if WEIGHT
  scale@{c} *= weight[channel@{c}];
  //@end
  var shift@{c} = 0.0;
  //@if BIAS
  shift@{c} = bias[channel@{c}];
  //@end
  //@end
  var left = slice.count;
  // Eight at a time, since the loop itself costs more than its body; then one at a time. Random
  // numbers cost more than a loop.
  //@for tail in DROPOUT..2
  //@let steps = 8 - 7 * tail
  for (; left >= @{steps}u; left -= @{steps}u) {
    //@for k in 0..steps
    {
      let unit = slice.row + slice.l;
      //@if DROPOUT
      let keep = kept(unit);
      //@end
      //@for c in 0..CHANNELS
      {
        let at = unit * @{CHANNELS}u + @{c}u;
        let value = (input_at(at) - mean@{c}) * scale@{c} + shift@{c};
        //@if DROPOUT
        y[at] = select(0.0, value * params.keep_scale, keep[@{c}]);
        //@else
        y[at] = value;
        //@end
      }
      //@end
      advance(&slice);
    }
    //@end
  }
  //@end
}
