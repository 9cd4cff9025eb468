// A convolution without groups by tiles (matmul/tile_product.wgsl), of a source to a result. A is the weight, B the
// source's elements under the window (window.wgsl), which exist only while they are loaded: m is a channel of the
// result, n a pixel of it in any image, k = (c, ky, kx) a channel of the source and a tap. The gradient to the input
// is the transposed convolution, whose source is the output's gradient: it moves by steps of 1, its dilation and
// padding are negative (they wrap around), and what it finds is divided by the stride, `divisor`; where that leaves a
// remainder, no element of the source belongs to the tap. STRIDED: the divisor is not 1.
struct Params {
  // Of the source.
  channels: u32,
  // Elements of the weight from a channel of the result (of the source) to the next.
  weight_row: u32,
  weight_channel: u32,
  divisor_h: u32,
  divisor_w: u32,
  has_bias: u32,
  // DEPTH as an index (c, ky, kx).
  depth_step: vec4u,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
// Read where has_bias is 1; else any buffer stands in.
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;

// The k of this invocation's loads, as indices (c, ky, kx).
var<private> a_at: vec3u;
//@for i in 0..LOADS_B
var<private> b_at@{i}: vec3u;
//@end
// Where the weights of its rows begin; where the windows of its columns begin in the source, and their images.
//@for i in 0..LOADS_A
var<private> a_row@{i}: vec4u;
//@end
var<private> b_y: vec4u;
var<private> b_x: vec4u;
var<private> b_image: vec4u;

fn taps() -> vec2u { return vec2u(params.kernel_height, params.kernel_width); }

fn begin(task: Task, lane: u32) {
  a_at = unravel(depth_a(lane, 0u), taps());
  //@for i in 0..LOADS_A
  a_row@{i} = rows_of(task, slot_a(lane, @{i}u)) * params.weight_row;
  //@end
  //@for i in 0..LOADS_B
  b_at@{i} = unravel(depth_b(lane, @{i}u), taps());
  //@end
  let n = columns_of(task, slot_b(lane, 0u));
  let rest = n / params.out_width;
  b_y = rest % params.out_height * params.stride_h - params.pad_top;
  b_x = n % params.out_width * params.stride_w - params.pad_left;
  b_image = rest / params.out_height * (params.channels * params.height * params.width);
}

fn advance() {
  a_at = step_index(a_at, params.depth_step.xyz, taps());
  //@for i in 0..LOADS_B
  b_at@{i} = step_index(b_at@{i}, params.depth_step.xyz, taps());
  //@end
}

//@for i in 0..LOADS_A
fn load_a@{i}() -> vec4f {
  if (a_at.x >= params.channels) { return vec4f(); }
  let at = a_row@{i} + (a_at.x * params.weight_channel + a_at.y * params.kernel_width + a_at.z);
  return vec4f(weight[at.x], weight[at.y], weight[at.z], weight[at.w]);
}
//@end

//@if STRIDED
// n / divisor where that is whole and n < 2^20; elsewhere it may be off, but not so far that a number that wrapped
// around becomes a small one. A GPU divides floats faster than integers.
fn quotient(n: vec4u, divisor: u32) -> vec4u { return vec4u((vec4f(n) + 0.5) / f32(divisor)); }
//@end

//@for i in 0..LOADS_B
fn load_b@{i}() -> vec4f {
  let y = b_y + b_at@{i}.y * params.dilation_h;
  let x = b_x + b_at@{i}.z * params.dilation_w;
  //@if STRIDED
  let row = quotient(y, params.divisor_h);
  let column = quotient(x, params.divisor_w);
  let hit = (row * params.divisor_h == y) & (column * params.divisor_w == x) & vec4<bool>(b_at@{i}.x < params.channels);
  //@else
  let row = y;
  let column = x;
  let hit = vec4<bool>(b_at@{i}.x < params.channels);
  //@end
  let inside = hit & (row < vec4u(params.height)) & (column < vec4u(params.width));
  let at = b_image + (b_at@{i}.x * params.height + row) * params.width + column;
  var values = vec4f();
  //@for j in 0..4
  if (inside[@{j}]) { values[@{j}] = source[at[@{j}]]; }
  //@end
  return values;
}
//@end

fn locate(column: u32) -> u32 {
  let plane = params.out_height * params.out_width;
  return column / plane * params.rows * plane + column % plane;
}

// Where tap (0, 0) meets the source for a column of the product: its image, row and column.
fn window_of(n: u32) -> vec3u {
  let rest = n / params.out_width;
  return vec3u(
    rest / params.out_height * (params.channels * params.height * params.width),
    rest % params.out_height * params.stride_h - params.pad_top,
    n % params.out_width * params.stride_w - params.pad_left,
  );
}

fn repair(at: u32, row: u32, column: u32, task: Task) {
  if (!is_nan(result[at + row * params.out_height * params.out_width])) { return; }
  let first = window_of(column);
  let sum = exact_sum(first.x, first.y, first.z, row * params.weight_row, params.weight_channel, 1u);
  store(at, row, column, task, sum);
}

fn store(at: u32, row: u32, column: u32, task: Task, sum: f32) {
  var shift = 0.0;
  if (params.has_bias == 1u) { shift = bias[row]; }
  result[at + row * params.out_height * params.out_width] = activated(sum + shift);
}
