// z = c is not zero ? a : b over the broadcast shape, or the gradient: (SIDE 'a') g where c is not zero, (SIDE 'b') g where
// it is, else 0. All on bits: float32 has a sign bit, which `mask` leaves out, and NaN counts as not zero.
struct Params {
  n: u32,
  mask: u32,
  shape: array<vec4u, 2>,
  c_strides: array<vec4u, 2>,
  a_strides: array<vec4u, 2>,
  b_strides: array<vec4u, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> c: array<u32>;
@group(0) @binding(2) var<storage, read> a: array<u32>;
//@if SIDE == 'both'
@group(0) @binding(3) var<storage, read> b: array<u32>;
@group(0) @binding(4) var<storage, read_write> z: array<u32>;
//@else
@group(0) @binding(3) var<storage, read_write> z: array<u32>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.n); i += @{WG}u) {
    let index = index_of(i, params.shape, @{RANK}u);
    let ia = offset_of(index, params.a_strides);
    let chosen = (c[offset_of(index, params.c_strides)] & params.mask) != 0u;
    var bits = 0u;
    //@if SIDE == 'both'
    if (chosen) { bits = a[ia]; } else { bits = b[offset_of(index, params.b_strides)]; }
    //@elif SIDE == 'a'
    if (chosen) { bits = a[ia]; }
    //@elif SIDE == 'b'
    if (!chosen) { bits = a[ia]; }
    //@else
    //@error where.wgsl has no side '@{SIDE}'
    //@end
    z[i] = bits;
  }
}
