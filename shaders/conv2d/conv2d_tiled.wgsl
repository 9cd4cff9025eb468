// A convolution as a product of tiles (lib/tile_product.wgsl): m is the result's channel, n its place in all images, k = (c, ky, kx) a
// source's channel and a tap. A is the weight; B, the source's elements under the kernel, exists only while it is loaded: for
// place (y, x) the row (y · place_h + origin_h + ky · step_h) / divisor_h, columns alike. Forward, place is the stride, origin
// -padding, step the dilation. For the gradient to the input, whose source is the output's gradient, origin is the padding and step
// -dilation; the divisor is the stride (with STRIDED; else 1), and where it leaves a remainder there is nothing to be added.
struct Params {
  tiles: u32,
  row_tiles: u32,
  column_tiles: u32,
  rows: u32,
  columns: u32,
  depth: u32,
  slices: u32,
  slice_depth: u32,
  one: u32,
  channels: u32,
  height: u32,
  width: u32,
  out_height: u32,
  out_width: u32,
  kernel_height: u32,
  kernel_width: u32,
  // Elements from one result's (source's) channel of the weight to the next.
  weight_row: u32,
  weight_channel: u32,
  place_h: u32,
  place_w: u32,
  origin_h: u32,
  origin_w: u32,
  step_h: u32,
  step_w: u32,
  divisor_h: u32,
  divisor_w: u32,
  has_bias: u32,
  relu: u32,
  // DEPTH by its digits (c, ky, kx).
  jump: vec4u,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
// Read where has_bias is 1; else any buffer stands in.
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;

// k of the own loads, by its digits.
var<private> a_at: vec3u;
//@for i in 0..LOADS_B
var<private> b_at@{i}: vec3u;
//@end
// Where the weights of the own rows begin; place and image of the own columns.
//@for i in 0..LOADS_A
var<private> a_row@{i}: vec4u;
//@end
var<private> b_y: vec4u;
var<private> b_x: vec4u;
var<private> b_image: vec4u;

fn taps() -> vec2u { return vec2u(params.kernel_height, params.kernel_width); }

fn begin(task: Task, lane: u32) {
  a_at = digits(depth_a(lane, 0u), taps());
  //@for i in 0..LOADS_A
  a_row@{i} = rows_of(task, slot_a(lane, @{i}u)) * params.weight_row;
  //@end
  //@for i in 0..LOADS_B
  b_at@{i} = digits(depth_b(lane, @{i}u), taps());
  //@end
  let n = columns_of(task, slot_b(lane, 0u));
  let rest = n / params.out_width;
  // Above and to the left of the source the numbers wrap around to ones larger than any height.
  b_y = rest % params.out_height * params.place_h + params.origin_h;
  b_x = n % params.out_width * params.place_w + params.origin_w;
  b_image = rest / params.out_height * (params.channels * params.height * params.width);
}

fn advance() {
  a_at = add_digits(a_at, params.jump.xyz, taps());
  //@for i in 0..LOADS_B
  b_at@{i} = add_digits(b_at@{i}, params.jump.xyz, taps());
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
// n / divisor where that is whole and n < 2^20; elsewhere it may be off, but not so far that a wrapped number becomes a small one.
// A GPU divides floats faster than integers.
fn quotient(n: vec4u, divisor: u32) -> vec4u { return vec4u((vec4f(n) + 0.5) / f32(divisor)); }
//@end

//@for i in 0..LOADS_B
fn load_b@{i}() -> vec4f {
  let y = b_y + b_at@{i}.y * params.step_h;
  let x = b_x + b_at@{i}.z * params.step_w;
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

fn store(place: u32, row: u32, column: u32, sum: f32) {
  var shift = 0.0;
  if (params.has_bias == 1u) { shift = bias[row]; }
  result[place + row * params.out_height * params.out_width] = activated(sum + shift);
}
