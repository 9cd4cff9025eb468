// z = f(a, b) over the broadcast shape, or (GRAD 1, 2) g times the derivative of f by a or b.
// FLAT: the operands have that shape, or one element (A_STEP, B_STEP 0); else each is read by its own strides.
struct Params {
  n: u32,
  shape: array<vec4u, 2>,
  a_strides: array<vec4u, 2>,
  b_strides: array<vec4u, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
// What V becomes.
alias Z = @{Z};
@group(0) @binding(1) var<storage, read> a: array<@{A}>;
@group(0) @binding(2) var<storage, read> b: array<@{B}>;
//@if GRAD
@group(0) @binding(3) var<storage, read> g: array<V>;
@group(0) @binding(4) var<storage, read_write> z: array<V>;
//@else
@group(0) @binding(3) var<storage, read_write> z: array<Z>;
//@end

//@if OP == 'pow'
// x ** y with C's special values: 1 where y is 0 or x is 1, whatever the other is. WGSL's pow is defined for x > 0 alone.
fn power(x: f32, y: f32) -> f32 {
  let x_bits = bitcast<u32>(x);
  let y_bits = bitcast<u32>(y);
  let x_size = x_bits & 0x7fffffffu;
  let y_size = y_bits & 0x7fffffffu;
  const ONE = 0x3f800000u;
  if (y_size == 0u || x_bits == ONE) { return 1.0; }
  if (x_size > INFINITY_BITS || y_bits == ONE) { return x; }
  if (y_size > INFINITY_BITS) { return y; }
  if (y == 2.0) { return x * x; }
  let grows = y_bits < 0x80000000u;
  if (y_size == INFINITY_BITS) {
    return bitcast<f32>(select(select(0u, INFINITY_BITS, (x_size > ONE) == grows), ONE, x_size == ONE));
  }
  let whole = floor(y) == y;
  var size = select(0u, INFINITY_BITS, (x_size == INFINITY_BITS) == grows);
  if (x_size != 0u && x_size != INFINITY_BITS) {
    if (x_bits > 0x80000000u && !whole) { return nan_where(true, x); }
    // A denormal, which adapters may take for 0, is x_size · 2^-149.
    let denormal = x_size < 0x00800000u;
    size = bitcast<u32>(select(pow(abs(x), y), exp2(y * (log2(f32(x_size)) - 149.0)), denormal));
  }
  let odd = whole && abs(y) % 2.0 == 1.0;
  return bitcast<f32>(select(size, size | (x_bits & 0x80000000u), odd));
}
//@end

//@if FLOATS
fn equal(x: V, y: V) -> M {
  let bits = bitcast<U>(x);
  return (order_keys(bits) == order_keys(bitcast<U>(y))) & !is_nan(bits);
}
// NaN is less than nothing, and nothing is less than NaN.
fn less(x: V, y: V) -> M {
  let bits = bitcast<U>(y);
  return (order_keys(bitcast<U>(x)) < order_keys(bits)) & !is_nan(bits);
}
// NaN where either is.
fn larger(x: V, y: V) -> V {
  let x_bits = bitcast<U>(x);
  let y_bits = bitcast<U>(y);
  return bitcast<V>(select(y_bits, x_bits, order_keys(x_bits) >= order_keys(y_bits)));
}
fn smaller(x: V, y: V) -> V {
  let x_bits = bitcast<U>(x);
  let y_bits = bitcast<U>(y);
  // The keys of -x and -y.
  let sign = U(0x80000000u);
  return bitcast<V>(select(y_bits, x_bits, order_keys(x_bits ^ sign) >= order_keys(y_bits ^ sign)));
}
//@else
fn equal(x: V, y: V) -> M { return x == y; }
fn less(x: V, y: V) -> M { return x < y; }
fn larger(x: V, y: V) -> V { return max(x, y); }
fn smaller(x: V, y: V) -> V { return min(x, y); }
//@end

//@if GRAD == 0
fn f(x: V, y: V) -> Z {
  //@if OP == 'add'
  return x + y;
  //@elif OP == 'sub'
  return x - y;
  //@elif OP == 'mul'
  return x * y;
  //@elif OP == 'div'
  return x / y;
  //@elif OP == 'pow'
  return power(x, y);
  //@elif OP == 'maximum'
  return larger(x, y);
  //@elif OP == 'minimum'
  return smaller(x, y);
  //@elif OP == 'eq'
  return select(Z(0.0), Z(1.0), equal(x, y));
  //@elif OP == 'ne'
  return select(Z(1.0), Z(0.0), equal(x, y));
  //@elif OP == 'lt'
  return select(Z(0.0), Z(1.0), less(x, y));
  //@elif OP == 'le'
  return select(Z(0.0), Z(1.0), less(x, y) | equal(x, y));
  //@elif OP == 'gt'
  return select(Z(0.0), Z(1.0), less(y, x));
  //@elif OP == 'ge'
  return select(Z(0.0), Z(1.0), less(y, x) | equal(x, y));
  //@else
  //@error binary.wgsl has no op '@{OP}'
  //@end
}
//@else
fn f(x: V, y: V, up: V) -> V {
  //@if OP == 'mul' && GRAD == 1
  return up * y;
  //@elif OP == 'mul'
  return up * x;
  //@elif OP == 'div' && GRAD == 1
  return up / y;
  //@elif OP == 'div'
  return -up * (x / y) / y;
  //@elif OP == 'pow' && GRAD == 1
  if ((bitcast<u32>(y) & 0x7fffffffu) == 0u) { return 0.0; }
  return up * y * power(x, y - 1.0);
  //@elif OP == 'pow'
  let x_bits = bitcast<u32>(x);
  let y_bits = bitcast<u32>(y);
  if ((x_bits & 0x7fffffffu) == 0u && (y_bits <= INFINITY_BITS || y_bits == 0x80000000u)) { return 0.0; }
  return up * power(x, y) * ieee_log(x_bits, x);
  //@elif OP == 'maximum' && GRAD == 1 || OP == 'minimum' && GRAD == 2
  // Where either is NaN, neither is less: both get the gradient, as in PyTorch.
  return select(select(up, 0.5 * up, equal(x, y)), V(0.0), less(x, y));
  //@elif OP == 'maximum' || OP == 'minimum'
  return select(select(up, 0.5 * up, equal(x, y)), V(0.0), less(y, x));
  //@else
  //@error binary.wgsl has no derivative of '@{OP}'
  //@end
}
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.n); i += @{WG}u) {
    //@if FLAT
    let ia = @{A_STEP}u * i;
    let ib = @{B_STEP}u * i;
    //@else
    let index = index_of(i, params.shape, @{RANK}u);
    let ia = offset_of(index, params.a_strides);
    let ib = offset_of(index, params.b_strides);
    //@end
    //@if GRAD
    z[i] = f(V(a[ia]), V(b[ib]), g[i]);
    //@else
    z[i] = f(V(a[ia]), V(b[ib]));
    //@end
  }
}
