// dx = weight / deviation · dy, and where mean and deviation came from x itself (TRAINING) also their share:
// dx = weight / deviation · (dy - mean(dy) - xhat · mean(dy · xhat)) (Ioffe, Szegedy 2015).
struct Params {
  batch: u32,
  channels: u32,
  inner: u32,
  batch_slices: u32,
  inner_slices: u32,
  //@if TRAINING
  over_count: f32,
  //@end
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
//@if WEIGHT
@group(0) @binding(4) var<storage, read> weight: array<f32>;
//@end
//@if TRAINING
@group(0) @binding(@{4 + WEIGHT}) var<storage, read> x: array<f32>;
// Only read; but one buffer of gradients may hold these and dx, and then WebGPU wants the same access for all.
@group(0) @binding(@{5 + WEIGHT}) var<storage, read_write> sum_dy: array<f32>;
@group(0) @binding(@{6 + WEIGHT}) var<storage, read_write> sum_dy_xhat: array<f32>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.channels * params.batch_slices * params.inner_slices) { return; }
  var slice = slice_at(i);
  let c = slice.channel;
  let over_deviation = stats[params.channels + c];
  //@if WEIGHT
  let scale = over_deviation * weight[c];
  //@else
  let scale = over_deviation;
  //@end
  //@if TRAINING
  let mean = stats[c];
  let mean_dy = sum_dy[c] * params.over_count;
  let slope = sum_dy_xhat[c] * params.over_count * over_deviation;
  //@end
  var left = slice.count;
  // Eight at a time, since the loop itself costs more than its body; then one at a time.
  //@for tail in 0..2
  //@let step = 8 - 7 * tail
  for (; left >= @{step}u; left -= @{step}u) {
    //@for k in 0..step
    let at@{k} = slice.row + slice.l;
    //@if TRAINING
    dx[at@{k}] = scale * (dy[at@{k}] - mean_dy - slope * (x[at@{k}] - mean));
    //@else
    dx[at@{k}] = scale * dy[at@{k}];
    //@end
    advance(&slice);
    //@end
  }
  //@end
}
