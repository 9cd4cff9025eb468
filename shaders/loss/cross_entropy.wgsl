// The loss of each row of logits x [outer, length, inner] against its class t: -Σ q·log(softmax(x)) with q = 1 at t, or
// (SMOOTH, Szegedy et al. 2015) 1 - smoothing at t plus smoothing / length everywhere.
// GRAD: also its gradient softmax(x) - q. Both are NaN, written as bits, for a class out of range (int32 classes below 0 are huge as
// uint32) and for a row whose softmax is.
struct Params { rows: u32, length: u32, inner: u32, smoothing: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> classes: array<u32>;
@group(0) @binding(3) var<storage, read_write> losses: array<u32>;
//@if GRAD
@group(0) @binding(4) var<storage, read_write> logit_grads: array<u32>;
//@end
const NAN_BITS = 0x7fc00000u;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = row_of(group, groups, lane);
  if (row >= params.rows) { return; }
  let base = row_base(row, params.length, params.inner);
  let first = first_of(lane);
  let t = classes[row];

  var key = 0u;
  for (var k = first; k < params.length; k += LANES) { key = max(key, order_key(bitcast<u32>(x[base + k * params.inner]))); }
  key = row_max(key, lane);
  let defined = t < params.length && !is_undefined(key);
  let largest = bitcast<f32>(bits_of_key(key));

  var total = 0.0;
  var shifted_total = 0.0;
  for (var block = first; block < params.length; block += BLOCK * LANES) {
    var block_total = 0.0;
    var shifted_block = 0.0;
    let end = min(block + BLOCK * LANES, params.length);
    for (var k = block; k < end; k += LANES) {
      let shifted = x[base + k * params.inner] - largest;
      block_total += exp(shifted);
      shifted_block += shifted;
    }
    total += block_total;
    shifted_total += shifted_block;
  }
  total = row_sum(total, lane);
  //@if SMOOTH
  let everywhere = params.smoothing / f32(params.length);
  let at_class = 1.0 - params.smoothing;
  shifted_total = row_sum(shifted_total, lane);
  //@end

  if (first == 0u) {
    let shifted = x[base + min(t, params.length - 1u) * params.inner] - largest;
    //@if SMOOTH
    let loss = log(total) - at_class * shifted - everywhere * shifted_total;
    //@else
    let loss = log(total) - shifted;
    //@end
    losses[row] = select(NAN_BITS, bitcast<u32>(loss), defined);
    if (t >= params.length) { report(t); }
  }
  //@if GRAD
  let scale = 1.0 / total;
  for (var k = first; k < params.length; k += LANES) {
    let at = base + k * params.inner;
    var grad = exp(x[at] - largest) * scale;
    //@if SMOOTH
    grad -= select(everywhere, at_class + everywhere, k == t);
    //@else
    grad -= select(0.0, 1.0, k == t);
    //@end
    logit_grads[at] = select(NAN_BITS, bitcast<u32>(grad), defined);
  }
  //@end
}
