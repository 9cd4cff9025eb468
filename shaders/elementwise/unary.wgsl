// y = f(x), or (GRAD) the gradient z = g · f'(x). `p` and `q` are the settings of an op: the slope of leakyRelu, the bounds of
// clamp, beta and threshold of softplus. Each op is one arm below: f of the input, and its gradient in terms of v, the input or the output as the op's record says.
struct Params { n: u32, p: f32, q: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<V>;
//@if GRAD
@group(0) @binding(2) var<storage, read> g: array<V>;
@group(0) @binding(3) var<storage, read_write> z: array<V>;
//@else
@group(0) @binding(2) var<storage, read_write> y: array<V>;
//@end

//@if FLOATS
// exp(-|v|) never overflows, whatever the sign of v.
fn sigmoid(v: V) -> V {
  let e = exp(-abs(v));
  return select(e, V(1.0), v >= V(0.0)) / (1.0 + e);
}

// tanh through exp(-2|v|) in (0, 1]; near 0 by its series, where 1 - e would cancel.
fn tangent(v: V) -> V {
  let a = abs(v);
  let e = exp(-2.0 * a);
  let s = v * v;
  let near = v * (1.0 - s * (1.0 / 3.0 - s * (2.0 / 15.0 - s * (17.0 / 315.0))));
  return select(sign(v) * (1.0 - e) / (1.0 + e), near, a < V(0.1));
}

// erf by Abramowitz and Stegun 7.1.26 has an error of 1.5e-7; near 0 its series keeps the relative error small.
fn erf(v: V) -> V {
  let a = abs(v);
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let far = sign(v) * (1.0 - poly * exp(-a * a));
  let s = v * v;
  let near = v * 1.1283791670955126 * (1.0 - s * (1.0 / 3.0 - s * (0.1 - s * (1.0 / 42.0 - s * (1.0 / 216.0)))));
  return select(far, near, a < V(0.4));
}

// log(1 + e) for e in [0, 1], by the series of 2 · artanh(e / (2 + e)).
fn log_of_next(e: V) -> V {
  let s = e / (2.0 + e);
  let z = s * s;
  return 2.0 * s * (1.0 + z * (1.0 / 3.0 + z * (0.2 + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z / 13.0))))));
}

// `rounded`, but v itself where its bits say that it is whole: numbers from 2^23 on, infinity and NaN.
fn whole(bits: U, rounded: V) -> V {
  return bitcast<V>(select(bitcast<U>(rounded), bits, (bits & U(0x7fffffffu)) >= U(0x4b000000u)));
}
//@end

//@if OP == 'neg'
fn f(v: V, bits: U) -> V { return -v; }
fn gradient(v: V, bits: U, g: V) -> V { return -g; }
//@elif OP == 'exp'
fn f(v: V, bits: U) -> V { return or_nan(bits, exp(v)); }
fn gradient(v: V, bits: U, g: V) -> V { return g * v; }
//@elif OP == 'log'
fn f(v: V, bits: U) -> V { return ieee_log(bits, v); }
fn gradient(v: V, bits: U, g: V) -> V { return g * (1.0 / v); }
//@elif OP == 'sqrt'
fn f(v: V, bits: U) -> V { return or_nan(bits, nan_where(is_negative(bits), sqrt(v))); }
fn gradient(v: V, bits: U, g: V) -> V { return g * (0.5 / v); }
//@elif OP == 'abs'
fn f(v: V, bits: U) -> V { return bitcast<V>(bits & U(0x7fffffffu)); }
fn gradient(v: V, bits: U, g: V) -> V { return or_nan(bits, g * sign(v)); }
//@elif OP == 'clamp'
fn f(v: V, bits: U) -> V { return or_nan(bits, clamp(v, V(params.p), V(params.q))); }
fn gradient(v: V, bits: U, g: V) -> V {
  return select(V(0.0), g, (v >= V(params.p)) & (v <= V(params.q)) & !is_nan(bits));
}
//@elif OP == 'relu'
// From -0 to -infinity by the bits.
fn f(v: V, bits: U) -> V { return bitcast<V>(select(bits, U(0u), bits - U(0x80000000u) <= U(INFINITY_BITS))); }
fn gradient(v: V, bits: U, g: V) -> V { return select(V(0.0), g, is_positive(bits) | is_nan(bits)); }
//@elif OP == 'leakyRelu'
fn f(v: V, bits: U) -> V { return or_nan(bits, select(v * params.p, v, is_positive(bits))); }
fn gradient(v: V, bits: U, g: V) -> V { return g * select(V(params.p), V(1.0), is_positive(bits)); }
//@elif OP == 'sigmoid'
fn f(v: V, bits: U) -> V { return or_nan(bits, sigmoid(v)); }
fn gradient(v: V, bits: U, g: V) -> V { return g * (v * (1.0 - v)); }
//@elif OP == 'tanh'
fn f(v: V, bits: U) -> V { return or_nan(bits, tangent(v)); }
fn gradient(v: V, bits: U, g: V) -> V { return g * (1.0 - v * v); }
//@elif OP == 'gelu'
fn f(v: V, bits: U) -> V { return or_nan(bits, 0.5 * v * (1.0 + erf(v * 0.7071067811865476))); }
fn gradient(v: V, bits: U, g: V) -> V {
  let density = 0.3989422804014327 * exp(-0.5 * v * v);
  return or_nan(bits, g * (0.5 * (1.0 + erf(v * 0.7071067811865476)) + v * density));
}
//@elif OP == 'silu'
fn f(v: V, bits: U) -> V { return or_nan(bits, v * sigmoid(v)); }
fn gradient(v: V, bits: U, g: V) -> V {
  let s = sigmoid(v);
  return or_nan(bits, g * (s * (1.0 + v * (1.0 - s))));
}
//@elif OP == 'hardswish'
fn f(v: V, bits: U) -> V { return or_nan(bits, v * clamp(v + 3.0, V(0.0), V(6.0)) / 6.0); }
fn gradient(v: V, bits: U, g: V) -> V {
  let inside = select(g, g * (v / 3.0 + 0.5), (v <= V(3.0)) & !is_nan(bits));
  return select(inside, V(0.0), (v < V(-3.0)) & !is_nan(bits));
}
//@elif OP == 'square'
fn f(v: V, bits: U) -> V { return v * v; }
fn gradient(v: V, bits: U, g: V) -> V { return g * (v + v); }
//@elif OP == 'sin'
fn f(v: V, bits: U) -> V { return sines(v, 0u); }
fn gradient(v: V, bits: U, g: V) -> V { return g * sines(v, 1u); }
//@elif OP == 'cos'
fn f(v: V, bits: U) -> V { return sines(v, 1u); }
fn gradient(v: V, bits: U, g: V) -> V { return g * -sines(v, 0u); }
//@elif OP == 'sign'
//@if FLOATS
fn f(v: V, bits: U) -> V {
  // No choice between 0 and -1, of which an adapter may make -0.
  let one = (bits & U(0x80000000u)) | U(0x3f800000u);
  return or_nan(bits, bitcast<V>(select(U(0u), one, (bits & U(0x7fffffffu)) != U(0u))));
}
//@else
fn f(v: V, bits: U) -> V { return sign(v); }
//@end
//@elif OP == 'floor' || OP == 'ceil' || OP == 'round'
// WGSL's round is half to even, as PyTorch's.
fn f(v: V, bits: U) -> V { return whole(bits, @{OP}(v)); }
//@elif OP == 'isnan'
fn f(v: V, bits: U) -> V { return select(V(0.0), V(1.0), is_nan(bits)); }
//@elif OP == 'isfinite'
fn f(v: V, bits: U) -> V { return select(V(0.0), V(1.0), (bits & U(0x7fffffffu)) < U(INFINITY_BITS)); }
//@elif OP == 'softplus'
fn f(v: V, bits: U) -> V {
  let b = v * params.p;
  let soft = (max(b, V(0.0)) + log_of_next(exp(-abs(b)))) / params.p;
  return or_nan(bits, select(soft, v, b > V(params.q)));
}
fn gradient(v: V, bits: U, g: V) -> V {
  let b = v * params.p;
  return or_nan(bits, g * select(sigmoid(b), V(1.0), b > V(params.q)));
}
//@else
//@error unary.wgsl has no op '@{OP}'
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.n); i += @{WG}u) {
    //@if GRAD
    z[i] = gradient(x[i], bitcast<U>(x[i]), g[i]);
    //@else
    y[i] = f(x[i], bitcast<U>(x[i]));
    //@end
  }
}
