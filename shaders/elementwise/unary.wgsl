// y = f(x), or (GRAD) the gradient z = g · f'(x). `p` and `q` are the settings of an op: the slope of leakyRelu, the bounds of
// clamp. Each op is one arm below: f, and its derivative, written in the input or in the output as the op's record says.
struct Params { n: u32, p: f32, q: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<V>;
//@if GRAD
@group(0) @binding(2) var<storage, read> g: array<V>;
@group(0) @binding(3) var<storage, read_write> z: array<V>;
//@else
@group(0) @binding(2) var<storage, read_write> y: array<V>;
//@end

//@if OP != 'neg'
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
//@end

//@if OP == 'neg'
fn f(v: V) -> V { return -v; }
fn derivative(v: V) -> V { return V(-1); }
//@elif OP == 'exp'
fn f(v: V) -> V { return exp(v); }
fn derivative(v: V) -> V { return v; }
//@elif OP == 'log'
fn f(v: V) -> V { return log(v); }
fn derivative(v: V) -> V { return 1.0 / v; }
//@elif OP == 'sqrt'
fn f(v: V) -> V { return sqrt(v); }
fn derivative(v: V) -> V { return 0.5 / v; }
//@elif OP == 'abs'
fn f(v: V) -> V { return abs(v); }
fn derivative(v: V) -> V { return sign(v); }
//@elif OP == 'clamp'
fn f(v: V) -> V { return clamp(v, V(params.p), V(params.q)); }
fn derivative(v: V) -> V { return select(V(0.0), V(1.0), (v >= V(params.p)) & (v <= V(params.q))); }
//@elif OP == 'relu'
fn f(v: V) -> V { return max(v, V(0.0)); }
fn derivative(v: V) -> V { return select(V(0.0), V(1.0), v > V(0.0)); }
//@elif OP == 'leakyRelu'
fn f(v: V) -> V { return select(v * params.p, v, v > V(0.0)); }
fn derivative(v: V) -> V { return select(V(params.p), V(1.0), v > V(0.0)); }
//@elif OP == 'sigmoid'
fn f(v: V) -> V { return sigmoid(v); }
fn derivative(v: V) -> V { return v * (1.0 - v); }
//@elif OP == 'tanh'
fn f(v: V) -> V { return tangent(v); }
fn derivative(v: V) -> V { return 1.0 - v * v; }
//@elif OP == 'gelu'
fn f(v: V) -> V { return 0.5 * v * (1.0 + erf(v * 0.7071067811865476)); }
fn derivative(v: V) -> V { return 0.5 * (1.0 + erf(v * 0.7071067811865476)) + v * 0.3989422804014327 * exp(-0.5 * v * v); }
//@elif OP == 'silu'
fn f(v: V) -> V { return v * sigmoid(v); }
fn derivative(v: V) -> V {
  let s = sigmoid(v);
  return s * (1.0 + v * (1.0 - s));
}
//@else
//@error unary.wgsl has no op '@{OP}'
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.n); i += @{WG}u) {
    //@if GRAD
    z[i] = g[i] * derivative(x[i]);
    //@else
    y[i] = f(x[i]);
    //@end
  }
}
