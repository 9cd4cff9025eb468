// Σ dy and Σ dy · (x - mean) of each slice of a channel.
struct Params { batch: u32, channels: u32, inner: u32, batch_slices: u32, inner_slices: u32 }
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
  let mean = stats[slice.channel];
  var total = vec2f(0.0);
  var left = slice.count;
  // Eight at a time, since the loop itself costs more than its body; then one at a time.
  //@for tail in 0..2
  //@let step = 8 - 7 * tail
  for (; left >= @{step}u; left -= @{step}u) {
    var sum = vec2f(0.0);
    //@for k in 0..step
    let at@{k} = slice.row + slice.l;
    let g@{k} = dy[at@{k}];
    sum += vec2f(g@{k}, g@{k} * (x[at@{k}] - mean));
    advance(&slice);
    //@end
    total += sum;
  }
  //@end
  partial[2u * i] = total.x;
  partial[2u * i + 1u] = total.y;
}
