// (x - y)² of each element, or (GRAD) its gradient 2 · (x - y) · up · scale by x (by y: scale < 0), with one `up` for each
// element (STEP 1) or for all.
struct Params { n: u32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<V>;
@group(0) @binding(2) var<storage, read> y: array<V>;
//@if GRAD
@group(0) @binding(3) var<storage, read> up: array<@{UP}>;
@group(0) @binding(4) var<storage, read_write> z: array<V>;
//@else
@group(0) @binding(3) var<storage, read_write> z: array<V>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let difference = x[i] - y[i];
  //@if GRAD
  z[i] = 2.0 * difference * (up[@{STEP}u * i] * params.scale);
  //@else
  z[i] = difference * difference;
  //@end
}
