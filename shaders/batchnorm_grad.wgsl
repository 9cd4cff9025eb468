// dx = weight / deviation · dy, and where mean and deviation came from the input itself (TRAINING) also their share:
// dx = weight / deviation · (dy - mean(dy) - xhat · mean(dy · xhat)) (Ioffe, Szegedy 2015). dy is behind the dropout of the forward
// pass, RELU makes dx the gradient of what is in front of it. The walk is that of batchnorm_normalize.
struct Params {
  batch: u32,
  channels: u32,
  inner: u32,
  batch_slices: u32,
  inner_slices: u32,
  //@if TRAINING
  over_count: f32,
  //@end
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
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
//@if WEIGHT
@group(0) @binding(5) var<storage, read> weight: array<f32>;
//@end
//@if TRAINING
// Only read; but one buffer of gradients may hold these and dx, and then WebGPU wants the same access for all.
@group(0) @binding(@{5 + WEIGHT}) var<storage, read_write> sum_dy: array<f32>;
@group(0) @binding(@{6 + WEIGHT}) var<storage, read_write> sum_dy_xhat: array<f32>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.channels * params.batch_slices * params.inner_slices) { return; }
  var slice = slice_at(i);
  //@for c in 0..CHANNELS
  let channel@{c} = slice.channel * @{CHANNELS}u + @{c}u;
  let over_deviation@{c} = stats[params.channels * @{CHANNELS}u + channel@{c}];
  //@if WEIGHT
  let scale@{c} = over_deviation@{c} * weight[channel@{c}];
  //@else
  let scale@{c} = over_deviation@{c};
  //@end
  //@if TRAINING
  let mean@{c} = stats[channel@{c}];
  let mean_dy@{c} = sum_dy[channel@{c}] * params.over_count;
  let slope@{c} = sum_dy_xhat[channel@{c}] * params.over_count * over_deviation@{c};
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
        //@if DROPOUT
        let g = select(0.0, dy[at] * params.keep_scale, keep[@{c}]);
        //@else
        let g = dy[at];
        //@end
        //@if TRAINING || RELU
        let value = input_at(at);
        //@end
        //@if TRAINING
        let gradient = scale@{c} * (g - mean_dy@{c} - slope@{c} * (value - mean@{c}));
        //@else
        let gradient = scale@{c} * g;
        //@end
        //@if RELU
        dx[at] = gradient * select(0.0, 1.0, value > 0.0);
        //@else
        dx[at] = gradient;
        //@end
      }
      //@end
      advance(&slice);
    }
    //@end
  }
  //@end
}
