// y = softmax(x) or (LOG) its logarithm along the rows; the largest element is subtracted first, so that nothing overflows. A row
// with NaN or infinity, or of -infinity alone, becomes NaN, written as bits.
struct Params { rows: u32, length: u32, inner: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
const NAN_BITS = 0x7fc00000u;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = row_of(group, groups, lane);
  if (row >= params.rows) { return; }
  let base = row_base(row, params.length, params.inner);
  let first = first_of(lane);

  var key = 0u;
  for (var k = first; k < params.length; k += LANES) { key = max(key, order_key(bitcast<u32>(x[base + k * params.inner]))); }
  key = row_max(key, lane);
  let undefined_row = is_undefined(key);
  let largest = bitcast<f32>(bits_of_key(key));

  var total = 0.0;
  for (var block = first; block < params.length; block += BLOCK * LANES) {
    var block_total = 0.0;
    let end = min(block + BLOCK * LANES, params.length);
    for (var k = block; k < end; k += LANES) { block_total += exp(x[base + k * params.inner] - largest); }
    total += block_total;
  }
  total = row_sum(total, lane);

  //@if LOG
  let shift = log(total);
  //@else
  let shift = 1.0 / total;
  //@end
  for (var k = first; k < params.length; k += LANES) {
    let at = base + k * params.inner;
    //@if LOG
    // In this order: near ±1e4, `largest + shift` would lose the digits of `shift`.
    let value = (x[at] - largest) - shift;
    //@else
    let value = exp(x[at] - largest) * shift;
    //@end
    y[at] = select(bitcast<u32>(value), NAN_BITS, undefined_row);
  }
}
