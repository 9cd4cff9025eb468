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
// WGSL's pow is defined for x > 0 alone.
fn power(x: f32, y: f32) -> f32 {
  if (y == 0.0) { return 1.0; }
  if (y == 1.0) { return x; }
  if (y == 2.0) { return x * x; }
  if (x == 0.0) { return select(1.0 / x, 0.0, y > 0.0); }
  let whole = floor(y) == y;
  // The root of a negative number: NaN where the adapter has it.
  if (x < 0.0 && !whole) { return sqrt(x); }
  let magnitude = pow(abs(x), y);
  return select(magnitude, -magnitude, x < 0.0 && whole && abs(y) % 2.0 == 1.0);
}
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
  return max(x, y);
  //@elif OP == 'minimum'
  return min(x, y);
  //@elif OP == 'eq'
  return select(Z(0.0), Z(1.0), x == y);
  //@elif OP == 'ne'
  return select(Z(0.0), Z(1.0), x != y);
  //@elif OP == 'lt'
  return select(Z(0.0), Z(1.0), x < y);
  //@elif OP == 'le'
  return select(Z(0.0), Z(1.0), x <= y);
  //@elif OP == 'gt'
  return select(Z(0.0), Z(1.0), x > y);
  //@elif OP == 'ge'
  return select(Z(0.0), Z(1.0), x >= y);
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
  if (y == 0.0) { return 0.0; }
  return up * y * power(x, y - 1.0);
  //@elif OP == 'pow'
  if (x == 0.0 && y >= 0.0) { return 0.0; }
  return up * power(x, y) * log(x);
  //@elif OP == 'maximum' && GRAD == 1 || OP == 'minimum' && GRAD == 2
  return up * select(select(V(0.0), V(0.5), x == y), V(1.0), x > y);
  //@elif OP == 'maximum' || OP == 'minimum'
  return up * select(select(V(0.0), V(0.5), x == y), V(1.0), x < y);
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
