// Joins the slices of each channel, LANES at a time where they are many.
// Forward: the channel's mean and 1/deviation, and the step of the running statistics. GRAD: the gradients of bias and weight.
struct Params {
  batch: u32,
  channels: u32,
  inner: u32,
  batch_slices: u32,
  inner_slices: u32,
  //@if GRAD == 0
  momentum: f32,
  eps: f32,
  //@end
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
//@if GRAD
@group(0) @binding(2) var<storage, read> stats: array<f32>;
@group(0) @binding(3) var<storage, read_write> sum_dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> sum_dy_xhat: array<f32>;
alias State = vec2f;
//@else
@group(0) @binding(2) var<storage, read_write> stats: array<f32>;
//@if RUNNING
@group(0) @binding(3) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(4) var<storage, read_write> running_var: array<f32>;
//@end
//@if TRACKED
@group(0) @binding(5) var<storage, read_write> batches_tracked: array<i32>;
//@end
alias State = Moments;
//@end

fn load(channel: u32, slice: u32) -> State {
  let a = slice / params.inner_slices;
  let b = slice % params.inner_slices;
  let i = (a * params.channels + channel) * params.inner_slices + b;
  //@if GRAD
  return vec2f(partial[2u * i], partial[2u * i + 1u]);
  //@else
  return Moments(f32(slice_length(a, b)), partial[2u * i], partial[2u * i + 1u]);
  //@end
}

fn join(a: State, b: State) -> State {
  //@if GRAD
  return a + b;
  //@else
  return merge(a, b);
  //@end
}

//@if LANES > 1
var<workgroup> lanes: array<State, @{LANES}>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  //@if LANES > 1
  let c = group.y * groups.x + group.x;
  let first = lane;
  //@else
  let c = linear_index(group, groups, lane);
  let first = 0u;
  //@end
  if (c >= params.channels) { return; }
  var total = load(c, first);
  for (var s = first + @{LANES}u; s < params.batch_slices * params.inner_slices; s += @{LANES}u) {
    total = join(total, load(c, s));
  }
  //@if LANES > 1
  lanes[lane] = total;
  for (var width = @{LANES / 2}u; width > 0u; width /= 2u) {
    workgroupBarrier();
    if (lane < width) { lanes[lane] = join(lanes[lane], lanes[lane + width]); }
  }
  if (lane > 0u) { return; }
  total = lanes[0];
  //@end
  //@if GRAD
  sum_dy[c] = total.x;
  sum_dy_xhat[c] = total.y * stats[params.channels + c];
  //@else
  stats[c] = total.mean;
  stats[params.channels + c] = 1.0 / sqrt(total.m2 / total.count + params.eps);
  //@if RUNNING
  let keep = 1.0 - params.momentum;
  running_mean[c] = keep * running_mean[c] + params.momentum * total.mean;
  running_var[c] = keep * running_var[c] + params.momentum * total.m2 / (total.count - 1.0);
  //@end
  //@if TRACKED
  if (c == 0u) { batches_tracked[0]++; }
  //@end
  //@end
}
