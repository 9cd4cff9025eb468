// Limits a gradient in place: to [-limit, limit], or (NORM) by the factor min(1, limit / (norm + 1e-6)) of
// torch.nn.utils.clip_grad_norm_, so that a total norm above `limit` becomes `limit`.
struct Params { n: u32, limit: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
//@if NORM
@group(0) @binding(2) var<storage, read> norm: array<f32>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  //@if NORM
  // A norm that is NaN makes all gradients NaN, as in PyTorch.
  let factor = params.limit / (norm[0] + 1e-6);
  x[i] *= select(min(1.0, factor), factor, is_nan(factor));
  //@else
  let v = x[i];
  x[i] = select(clamp(v, -params.limit, params.limit), v, is_nan(v));
  //@end
}
