// y = (x - mean) / deviation · weight + bias; a slice of one channel an invocation.
struct Params { batch: u32, channels: u32, inner: u32, batch_slices: u32, inner_slices: u32 }
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
  let c = slice.channel;
  let mean = stats[c];
  var scale = stats[params.channels + c];
  //@if WEIGHT
  scale *= weight[c];
  //@end
  var shift = 0.0;
  //@if BIAS
  shift = bias[c];
  //@end
  var left = slice.count;
  // Eight at a time, since the loop itself costs more than its body; then one at a time.
  //@for tail in 0..2
  //@let step = 8 - 7 * tail
  for (; left >= @{step}u; left -= @{step}u) {
    //@for k in 0..step
    let at@{k} = slice.row + slice.l;
    y[at@{k}] = (x[at@{k}] - mean) * scale + shift;
    advance(&slice);
    //@end
  }
  //@end
}
