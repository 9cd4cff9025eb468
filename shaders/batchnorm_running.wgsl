// Mean and 1/deviation of each channel from the running statistics.
struct Params { channels: u32, eps: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> running_mean: array<f32>;
@group(0) @binding(2) var<storage, read> running_var: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = linear_index(group, groups, lane);
  if (c >= params.channels) { return; }
  stats[c] = running_mean[c];
  stats[params.channels + c] = 1.0 / sqrt(running_var[c] + params.eps);
}
