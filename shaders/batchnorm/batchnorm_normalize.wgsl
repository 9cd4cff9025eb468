// y = (input - mean) / deviation · weight + bias, then the dropout. SUMS says where mean and deviation come from: 'parts', joined from
// what batchnorm_stats wrote; 'channel', computed here, one workgroup a channel; 'none', the running statistics.
// The first workgroup of a channel writes mean and 1/deviation to `stats` and updates the running statistics.
// With DROPOUT four neighbouring channels of x [N, C], for which one block of random numbers is enough, count as one.
struct Params {
  batch: u32,
  channels: u32,
  inner: u32,
  batch_slices: u32,
  inner_slices: u32,
  parts: u32,
  sum_parts: u32,
  momentum: f32,
  eps: f32,
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
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<f32>;
//@if SUMS == 'parts'
@group(0) @binding(4) var<storage, read> partial: array<f32>;
//@end
//@let at = 4 + (SUMS == 'parts')
//@if RUNNING
@group(0) @binding(@{at}) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(@{at + 1}) var<storage, read_write> running_var: array<f32>;
//@end
//@if TRACKED
@group(0) @binding(@{at + 2}) var<storage, read_write> batches_tracked: array<i32>;
//@end
//@let next = at + 2 * RUNNING + TRACKED
//@if WEIGHT
@group(0) @binding(@{next}) var<storage, read> weight: array<f32>;
//@end
//@if BIAS
@group(0) @binding(@{next + WEIGHT}) var<storage, read> bias: array<f32>;
//@end

//@if SUMS == 'parts'
fn part_state(i: u32) -> State {
  return State(partial[3u * i], partial[3u * i + 1u], partial[3u * i + 2u]);
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
  let joined = join_lanes(lane, slice_state(slice));
  //@end
  //@for c in 0..CHANNELS
  let channel@{c} = channel * @{CHANNELS}u + @{c}u;
  //@if SUMS == 'none'
  let mean@{c} = running_mean[channel@{c}];
  let over_deviation@{c} = 1.0 / sqrt(running_var[channel@{c}] + params.eps);
  //@else
  let mean@{c} = joined[@{c}].mean;
  let over_deviation@{c} = 1.0 / sqrt(joined[@{c}].m2 / joined[@{c}].count + params.eps);
  //@end
  if (part == 0u && lane == 0u) {
    stats[channel@{c}] = mean@{c};
    stats[params.channels * @{CHANNELS}u + channel@{c}] = over_deviation@{c};
    //@if SUMS != 'none' && RUNNING
    let rest = 1.0 - params.momentum;
    let unbiased = joined[@{c}].m2 / (joined[@{c}].count - 1.0);
    running_mean[channel@{c}] = rest * running_mean[channel@{c}] + params.momentum * mean@{c};
    running_var[channel@{c}] = rest * running_var[channel@{c}] + params.momentum * unbiased;
    //@end
  }
  //@if WEIGHT
  let scale@{c} = over_deviation@{c} * weight[channel@{c}];
  //@else
  let scale@{c} = over_deviation@{c};
  //@end
  //@if BIAS
  let shift@{c} = bias[channel@{c}];
  //@else
  let shift@{c} = 0.0;
  //@end
  //@end
  //@if TRACKED
  if (i == 0u && lane == 0u) { batches_tracked[0]++; }
  //@end
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
        let value = (input_at(at) - mean@{c}) * scale@{c} + shift@{c};
        //@if DROPOUT
        y[at] = value * factors[@{c}];
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
