// The loss -x[t] of each row of x [outer, length, inner] at its class t, or (GRAD) the gradient: -up · scale at t, else 0, with
// one `up` for each row (PER_ROW) or for all. A class out of range makes NaN, written as bits; int32 classes below 0 are huge
// as uint32.
struct Params { n: u32, length: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> classes: array<u32>;
//@if GRAD
@group(0) @binding(2) var<storage, read> up: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<u32>;
//@else
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> losses: array<u32>;
//@end
const NAN_BITS = 0x7fc00000u;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  //@if GRAD
  let row = i / (params.length * params.inner) * params.inner + i % params.inner;
  let t = classes[row];
  //@if PER_ROW
  let grad = -up[row] * params.scale;
  //@else
  let grad = -up[0] * params.scale;
  //@end
  let value = select(0.0, grad, i / params.inner % params.length == t);
  dx[i] = select(NAN_BITS, bitcast<u32>(value), t < params.length);
  //@else
  let t = classes[i];
  let valid = t < params.length;
  let at = (i / params.inner * params.length + select(0u, t, valid)) * params.inner + i % params.inner;
  losses[i] = select(NAN_BITS, bitcast<u32>(-x[at]), valid);
  if (!valid) { report(t); }
  //@end
}
