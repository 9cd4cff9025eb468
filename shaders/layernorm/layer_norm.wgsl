// y = (x - mean) / sqrt(variance + eps) · w + b of each row of x [rows, length]; `stats` receives mean and 1 / sqrt(variance + eps)
// of each. AFFINE: 0 without w and b, 1 with w, 2 with both.
// GRAD: dx = inverse · (u - mean(u) - x̂ · mean(u · x̂)) with u = g · w and x̂ = (x - mean) · inverse.
struct Params { rows: u32, length: u32, inner: u32, eps: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
//@if GRAD
@group(0) @binding(3) var<storage, read> stats: array<f32>;
@group(0) @binding(4) var<storage, read> g: array<f32>;
//@if AFFINE
@group(0) @binding(5) var<storage, read> w: array<f32>;
//@end
//@else
@group(0) @binding(3) var<storage, read_write> stats: array<f32>;
//@if AFFINE
@group(0) @binding(4) var<storage, read> w: array<f32>;
//@end
//@if AFFINE == 2
@group(0) @binding(5) var<storage, read> b: array<f32>;
//@end
//@end

//@if GRAD
fn upstream(at: u32, k: u32) -> f32 {
  //@if AFFINE
  return g[at] * w[k];
  //@else
  return g[at];
  //@end
}
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = row_of(group, groups, lane);
  if (row >= params.rows) { return; }
  let base = row * params.length;
  let first = first_of(lane);
  let share = 1.0 / f32(params.length);

  //@if GRAD
  let mean = stats[2u * row];
  let inverse = stats[2u * row + 1u];
  var total = 0.0;
  var total_x = 0.0;
  for (var block = first; block < params.length; block += BLOCK * LANES) {
    var block_total = 0.0;
    var block_total_x = 0.0;
    let end = min(block + BLOCK * LANES, params.length);
    for (var k = block; k < end; k += LANES) {
      let u = upstream(base + k, k);
      block_total += u;
      block_total_x += u * ((x[base + k] - mean) * inverse);
    }
    total += block_total;
    total_x += block_total_x;
  }
  total = row_sum(total, lane) * share;
  total_x = row_sum(total_x, lane) * share;
  for (var k = first; k < params.length; k += LANES) {
    let normalised = (x[base + k] - mean) * inverse;
    y[base + k] = inverse * (upstream(base + k, k) - total - normalised * total_x);
  }
  //@else
  var total = 0.0;
  for (var block = first; block < params.length; block += BLOCK * LANES) {
    var block_total = 0.0;
    let end = min(block + BLOCK * LANES, params.length);
    for (var k = block; k < end; k += LANES) { block_total += x[base + k]; }
    total += block_total;
  }
  let mean = row_sum(total, lane) * share;
  var squares = 0.0;
  for (var block = first; block < params.length; block += BLOCK * LANES) {
    var block_squares = 0.0;
    let end = min(block + BLOCK * LANES, params.length);
    for (var k = block; k < end; k += LANES) {
      let centred = x[base + k] - mean;
      block_squares += centred * centred;
    }
    squares += block_squares;
  }
  let variance = row_sum(squares, lane) * share;
  // What the square root of NaN is differs.
  let inverse = select(1.0 / sqrt(variance + params.eps), variance, is_nan(variance));
  if (first == 0u) {
    stats[2u * row] = mean;
    stats[2u * row + 1u] = inverse;
  }
  for (var k = first; k < params.length; k += LANES) {
    var value = (x[base + k] - mean) * inverse;
    //@if AFFINE
    value *= w[k];
    //@end
    //@if AFFINE == 2
    value += b[k];
    //@end
    y[base + k] = value;
  }
  //@end
}
