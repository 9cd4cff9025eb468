// The index of the largest (or, for argmin, the smallest) element of x [outer, length, inner] along `length`, the first one of equals.
// One invocation looks at candidates s, s + partials, … of an output: the elements themselves (FIRST), or the places that an
// earlier pass found. Elements are compared as unsigned keys of their bits, in which NaN is larger than all else;
// those of argmin are the other way round but for NaN.
struct Params { outputs: u32, length: u32, inner: u32, candidates: u32, partials: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
//@if FIRST
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
//@else
@group(0) @binding(2) var<storage, read> found: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;
//@end

//@if OP == 'argmin'
const LEAST = 0xffffffffu;
//@else
const LEAST = 0u;
//@end
fn key_of(bits: u32) -> u32 {
  //@if T == 'f32'
  return order_key(bits ^ (@{OP == 'argmin'}u << 31u));
  //@elif T == 'i32'
  return bits ^ 0x80000000u ^ LEAST;
  //@else
  return bits ^ LEAST;
  //@end
}

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.outputs * params.partials) { return; }
  let o = i / params.partials;
  let s = i % params.partials;
  let base = (o / params.inner) * params.length * params.inner + o % params.inner;
  var best = 0u;
  var best_key = 0u;
  for (var k = s; k < params.candidates; k += params.partials) {
    //@if FIRST
    let at = k;
    //@else
    let at = found[o * params.candidates + k];
    //@end
    let key = key_of(x[base + at * params.inner]);
    if (k == s || key > best_key || (key == best_key && at < best)) {
      best = at;
      best_key = key;
    }
  }
  y[i] = best;
}
