// The gradient from the output y: of softmax, dx = y · (g - Σ g·y); of its logarithm (LOG), dx = g - exp(y) · Σ g.
struct Params { rows: u32, length: u32, inner: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<u32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = row_of(group, groups, lane);
  if (row >= params.rows) { return; }
  let base = row_base(row, params.length, params.inner);
  let first = first_of(lane);

  var total = 0.0;
  for (var block = first; block < params.length; block += BLOCK * LANES) {
    var block_total = 0.0;
    let end = min(block + BLOCK * LANES, params.length);
    for (var k = block; k < end; k += LANES) {
      let at = base + k * params.inner;
      //@if LOG
      block_total += g[at];
      //@else
      block_total += g[at] * y[at];
      //@end
    }
    total += block_total;
  }
  total = row_sum(total, lane);

  for (var k = first; k < params.length; k += LANES) {
    let at = base + k * params.inner;
    //@if LOG
    // Where y is NaN, so is its exponential, which not every adapter knows.
    let y_bits = bitcast<u32>(y[at]);
    let value = g[at] - exp(y[at]) * total;
    dx[at] = select(bitcast<u32>(value), y_bits, (y_bits & 0x7fffffffu) > 0x7f800000u);
    //@else
    dx[at] = bitcast<u32>(y[at] * (g[at] - total));
    //@end
  }
}
