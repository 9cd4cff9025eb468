// z[i] = x[place of i], as bits: the element i of `indices`, of `shape`, names the place along one axis of x, and its own index the
// places along the others. `strides` are those of x, 0 for that axis, which has `length` elements `step` apart. Negative int32
// indices are huge as uint32, so one comparison finds every index that is out of range.
// PLACES: the places themselves, 0xffffffff for an index out of range.
struct Params {
  n: u32,
  length: u32,
  step: u32,
  invalid: u32,
  shape: array<vec4u, 2>,
  strides: array<vec4u, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> z: array<u32>;
//@if !PLACES
@group(0) @binding(3) var<storage, read> x: array<u32>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let at = indices[i];
  var value = params.invalid;
  if (at < params.length) {
    value = offset_of(index_of(i, params.shape, @{RANK}u), params.strides) + at * params.step;
    //@if !PLACES
    value = x[value];
    //@end
  }
  //@if !PLACES
  if (at >= params.length) { report(at); }
  //@end
  z[i] = value;
}
