// A loss of each element x and its target y, or (GRAD 'x' or 'y') up · scale · its derivative by that one, with one `up` for each
// element (STEP 1) or for all.
struct Params { n: u32, scale: f32, beta: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<V>;
@group(0) @binding(2) var<storage, read> y: array<V>;
//@if GRAD == 'none'
@group(0) @binding(3) var<storage, read_write> z: array<V>;
//@else
@group(0) @binding(3) var<storage, read> up: array<@{UP}>;
@group(0) @binding(4) var<storage, read_write> z: array<V>;
//@end

// Each loss by a = x and b = y, with its derivative by a; that by b is the negative, or a function of its own.
//@if LOSS == 'mse'
fn loss(a: V, b: V) -> V { return (a - b) * (a - b); }
fn by_x(a: V, b: V) -> V { return 2.0 * (a - b); }
//@elif LOSS == 'l1'
fn loss(a: V, b: V) -> V { return abs(a - b); }
fn by_x(a: V, b: V) -> V { return or_nan(bitcast<U>(a - b), sign(a - b)); }
//@elif LOSS == 'smoothL1'
// A parabola between -beta and beta, lines outside.
fn slope(a: V, b: V) -> V { return clamp((a - b) / params.beta, V(-1.0), V(1.0)); }
fn loss(a: V, b: V) -> V {
  let d = abs(a - b);
  return or_nan(bitcast<U>(d), select(d - 0.5 * params.beta, 0.5 * d * (d / params.beta), d < V(params.beta)));
}
fn by_x(a: V, b: V) -> V { return or_nan(bitcast<U>(a - b), slope(a, b)); }
//@elif LOSS == 'bceWithLogits'
fn loss(a: V, b: V) -> V {
  let e = exp(-abs(a));
  // log(1 + e): by its series where 1 + e would drop digits.
  let tail = select(log(1.0 + e), e * (1.0 - e * (0.5 - e / 3.0)), e < V(0.01));
  return or_nan(bitcast<U>(a), max(a, V(0.0)) - a * b + tail);
}
fn by_x(a: V, b: V) -> V {
  let e = exp(-abs(a));
  return or_nan(bitcast<U>(a), select(e, V(1.0), a >= V(0.0)) / (1.0 + e) - b);
}
fn by_y(a: V, b: V) -> V { return -a; }
//@elif LOSS == 'klDiv'
// y · log(y) is 0 at 0, its limit.
fn loss(a: V, b: V) -> V {
  let bits = bitcast<U>(b);
  return select(b * ieee_log(bits, b), V(0.0), (bits & U(0x7fffffffu)) == U(0u)) - b * a;
}
fn by_x(a: V, b: V) -> V { return -b; }
fn by_y(a: V, b: V) -> V { return ieee_log(bitcast<U>(b), b) + 1.0 - a; }
//@elif LOSS == 'klDivLog'
fn power(b: V) -> V { return or_nan(bitcast<U>(b), exp(b)); }
fn loss(a: V, b: V) -> V { return power(b) * (b - a); }
fn by_x(a: V, b: V) -> V { return -power(b); }
fn by_y(a: V, b: V) -> V { return power(b) * (b - a + 1.0); }
//@else
//@error pair_loss.wgsl has no loss '@{LOSS}'
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  //@if GRAD == 'none'
  z[i] = loss(x[i], y[i]);
  //@elif GRAD == 'x'
  z[i] = by_x(x[i], y[i]) * (up[@{STEP}u * i] * params.scale);
  //@elif LOSS == 'bceWithLogits' || LOSS == 'klDiv' || LOSS == 'klDivLog'
  z[i] = by_y(x[i], y[i]) * (up[@{STEP}u * i] * params.scale);
  //@else
  z[i] = by_x(x[i], y[i]) * (up[@{STEP}u * i] * -params.scale);
  //@end
}
