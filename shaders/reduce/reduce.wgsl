// One partial result per invocation: number s of output o combines the reduced elements s, s + partials, s + 2 partials, …
// INNER: neighbours share an output (the reduced axes are innermost); else neighbours are neighbouring outputs.
// With VEC shapes and strides count vectors along the innermost axis, and with INNER the vector is reduced at the end.
struct Params {
  outputs: u32,
  length: u32,
  partials: u32,
  scale: f32,
  out_shape: array<vec4u, 2>,
  out_strides: array<vec4u, 2>,
  red_shape: array<vec4u, 2>,
  red_strides: array<vec4u, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<V>;
@group(0) @binding(2) var<storage, read_write> y: array<@{Y}>;

//@if KIND == 'sum'
fn combine(a: V, b: V) -> V { return a + b; }
//@elif KIND == 'max' || KIND == 'min'
// NaN where either is one.
fn combine(a: V, b: V) -> V {
  //@if FLOATS
  let a_bits = bitcast<U>(a);
  let b_bits = bitcast<U>(b);
  // The largest of -x is the smallest.
  let flip = U(@{KIND == 'min'}u << 31u);
  return bitcast<V>(select(b_bits, a_bits, order_keys(a_bits ^ flip) >= order_keys(b_bits ^ flip)));
  //@else
  return @{KIND}(a, b);
  //@end
}
//@else
//@error reduce.wgsl has no kind '@{KIND}'
//@end

fn reduced_offset(r: u32) -> u32 {
  return offset_of(index_of(r, params.red_shape, @{RED_RANK}u), params.red_strides);
}

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.outputs * params.partials) { return; }
  //@if INNER
  let o = i / params.partials;
  let s = i % params.partials;
  //@else
  let o = i % params.outputs;
  let s = i / params.outputs;
  //@end
  let base = offset_of(index_of(o, params.out_shape, @{OUT_RANK}u), params.out_strides);
  var total = x[base + reduced_offset(s)];
  for (var r = s + params.partials; r < params.length; r += params.partials) {
    total = combine(total, x[base + reduced_offset(r)]);
  }
  //@if KIND == 'sum' && T == 'f32'
  total *= params.scale;
  //@end
  //@if INNER && VEC == 4
  total = combine(total, total.zwxy);
  y[i] = combine(total, total.yxwz).x;
  //@else
  y[i] = total;
  //@end
}
