// dx = weight / deviation · dy, and with TRAINING, where mean and deviation depend on the input too,
// dx = weight / deviation · (dy - mean(dy) - xhat · mean(dy · xhat)) (Ioffe, Szegedy 2015). dy is before the forward pass's dropout;
// RELU makes dx the gradient of the ReLU's input. The sums of dy and dy · xhat are the gradients of bias and weight. SUMS says where they
// come from: 'parts', joined from what batchnorm_sums wrote; 'channel', added up here, one workgroup a channel; 'none', not needed.
// The first workgroup of a channel writes them. INPUT 0: dx is not needed.
struct Params {
  batch: u32,
  channels: u32,
  inner: u32,
  batch_slices: u32,
  inner_slices: u32,
  parts: u32,
  sum_parts: u32,
  over_count: f32,
  //@if DROPOUT
  seed_low: u32,
  seed_high: u32,
  offset_low: u32,
  offset_high: u32,
  p: f32,
  dropout_scale: f32,
  //@end
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> stats: array<f32>;
//@if INPUT
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;
//@end
//@let at = 4 + INPUT
//@if SUMS != 'none'
@group(0) @binding(@{at}) var<storage, read_write> sum_dy: array<f32>;
@group(0) @binding(@{at + 1}) var<storage, read_write> sum_dy_xhat: array<f32>;
//@end
//@if SUMS == 'parts'
@group(0) @binding(@{at + 2}) var<storage, read> partial: array<f32>;
//@end
//@if WEIGHT
@group(0) @binding(@{at + 2 * (SUMS != 'none') + (SUMS == 'parts')}) var<storage, read> weight: array<f32>;
//@end

//@if SUMS == 'parts'
fn part_state(i: u32) -> State {
  return State(partial[2u * i], partial[2u * i + 1u]);
}
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.y * groups.x + group.x;
  if (i >= params.channels * params.parts) { return; }
  let channel = i / params.parts;
  let part = i % params.parts;
  var slice = slice_at(channel, part * @{WG}u + lane);
  //@if SUMS == 'parts'
  let joined = join_lanes(lane, parts_state(channel, lane));
  //@elif SUMS == 'channel'
  let joined = join_lanes(lane, slice_state(channel, slice));
  //@end
  //@for c in 0..CHANNELS
  let channel@{c} = channel * @{CHANNELS}u + @{c}u;
  let over_deviation@{c} = stats[params.channels * @{CHANNELS}u + channel@{c}];
  //@if SUMS != 'none'
  let dy@{c} = joined[@{c}].x;
  let dy_xhat@{c} = joined[@{c}].y * over_deviation@{c};
  if (part == 0u && lane == 0u) {
    sum_dy[channel@{c}] = dy@{c};
    sum_dy_xhat[channel@{c}] = dy_xhat@{c};
  }
  //@end
  //@if WEIGHT
  let scale@{c} = over_deviation@{c} * weight[channel@{c}];
  //@else
  let scale@{c} = over_deviation@{c};
  //@end
  //@if TRAINING
  let mean@{c} = stats[channel@{c}];
  let mean_dy@{c} = dy@{c} * params.over_count;
  let slope@{c} = dy_xhat@{c} * params.over_count * over_deviation@{c};
  //@end
  //@end
  //@if INPUT
  var left = slice.count;
  // Eight at a time, since the loop itself costs more than its body; then one at a time. With DROPOUT only one at a time, as random
  // numbers cost more than a loop.
  //@for tail in DROPOUT..2
  //@let steps = 8 - 7 * tail
  for (; left >= @{steps}u; left -= @{steps}u) {
    //@for k in 0..steps
    {
      let unit = slice.row + slice.l;
      //@if DROPOUT
      let factors = dropout_factors(unit);
      //@end
      //@for c in 0..CHANNELS
      {
        let at = unit * @{CHANNELS}u + @{c}u;
        //@if DROPOUT
        let g = dy[at] * factors[@{c}];
        //@else
        let g = dy[at];
        //@end
        //@if TRAINING
        let value = input_at(at);
        let gradient = scale@{c} * (g - mean_dy@{c} - slope@{c} * (value - mean@{c}));
        //@else
        let gradient = scale@{c} * g;
        //@end
        //@if RELU
        dx[at] = select(0.0, gradient, passes_relu(at));
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
  //@end
}
