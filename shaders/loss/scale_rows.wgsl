// dx = logit_grads · up · scale for rows of logit_grads [outer, length, inner]: one `up` for each row (PER_ROW) or for all.
struct Params { n: u32, length: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logit_grads: array<f32>;
@group(0) @binding(2) var<storage, read> up: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  //@if PER_ROW
  let row = i / (params.length * params.inner) * params.inner + i % params.inner;
  //@else
  let row = 0u;
  //@end
  dx[i] = logit_grads[i] * (up[row] * params.scale);
}
