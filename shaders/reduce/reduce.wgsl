// One partial result an invocation: of output o, the elements s, s + splits, s + 2 splits, … of the reduced ones.
// INNER: neighbours share an output (the reduced axes are innermost); else neighbours are neighbouring outputs.
// With VEC shapes and strides count vectors along the innermost axis, and with INNER the vector is reduced at the end.
struct Params {
  outputs: u32,
  length: u32,
  splits: u32,
  scale: f32,
  out_shape: array<vec4u, 2>,
  out_strides: array<vec4u, 2>,
  red_shape: array<vec4u, 2>,
  red_strides: array<vec4u, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<V>;
@group(0) @binding(2) var<storage, read_write> y: array<@{Y}>;

fn both(a: V, b: V) -> V {
  //@if KIND == 'sum'
  return a + b;
  //@elif KIND == 'max'
  return max(a, b);
  //@else
  return min(a, b);
  //@end
}

fn output_offset(o: u32) -> u32 {
  var rest = o;
  var at = 0u;
  //@for k in 0..OUT_RANK
  //@let d = OUT_RANK - 1 - k
  at += (rest % params.out_shape[@{d / 4}][@{d % 4}]) * params.out_strides[@{d / 4}][@{d % 4}];
  rest /= params.out_shape[@{d / 4}][@{d % 4}];
  //@end
  return at;
}

fn reduced_offset(r: u32) -> u32 {
  //@if RED_RANK == 1
  return r * params.red_strides[0][0];
  //@else
  var rest = r;
  var at = 0u;
  //@for k in 0..RED_RANK
  //@let d = RED_RANK - 1 - k
  at += (rest % params.red_shape[@{d / 4}][@{d % 4}]) * params.red_strides[@{d / 4}][@{d % 4}];
  rest /= params.red_shape[@{d / 4}][@{d % 4}];
  //@end
  return at;
  //@end
}

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.outputs * params.splits) { return; }
  //@if INNER
  let o = i / params.splits;
  let s = i % params.splits;
  //@else
  let o = i % params.outputs;
  let s = i / params.outputs;
  //@end
  let base = output_offset(o);
  var total = x[base + reduced_offset(s)];
  for (var r = s + params.splits; r < params.length; r += params.splits) {
    total = both(total, x[base + reduced_offset(r)]);
  }
  //@if KIND == 'sum' && T == 'f32'
  total *= params.scale;
  //@end
  //@if INNER && VEC == 4
  total = both(total, total.zwxy);
  y[i] = both(total, total.yxwz).x;
  //@else
  y[i] = total;
  //@end
}
