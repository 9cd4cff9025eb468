// The gradient to a convolution's weight as a product of tiles (lib/tile_product.wgsl): m is the output channel o, n = (c, ky, kx) a
// weight of it, k = (image, oy, ox) a place of the output. A is the output's gradient, B the input's elements under the kernel.
// Each slice of k leaves a partial result; another pass adds them up.
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
  stride_h: u32,
  stride_w: u32,
  dilation_h: u32,
  dilation_w: u32,
  pad_top: u32,
  pad_left: u32,
  // DEPTH by its digits (image, oy, ox).
  jump: vec4u,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dw: array<f32>;
//@if FINISH
@group(0) @binding(4) var<storage, read_write> db: array<f32>;
//@end

// k of the own loads (of A and B alike), also by its digits; where it ends; where the slice's results begin.
var<private> k_at: u32;
var<private> place_at: vec3u;
var<private> k_end: u32;
var<private> to: u32;
//@for i in 0..LOADS_A
var<private> a_row@{i}: vec4u;
//@if FINISH
// The sum of what was loaded for each own row: a share of the gradient to the bias.
var<private> row_sum@{i}: vec4f;
//@end
//@end
// Row and column of the own weights at output place (0, 0), and where they begin in the first image.
//@for i in 0..LOADS_B
var<private> b_y@{i}: vec4u;
var<private> b_x@{i}: vec4u;
var<private> b_from@{i}: vec4u;
//@end

fn bases() -> vec2u { return vec2u(params.out_height, params.out_width); }

fn begin(task: Task, lane: u32) {
  k_at = task.first + depth_a(lane, 0u);
  place_at = digits(k_at, bases());
  k_end = task.end;
  to = task.slice * params.rows * params.columns;
  //@for i in 0..LOADS_A
  a_row@{i} = rows_of(task, slot_a(lane, @{i}u)) * (params.out_height * params.out_width);
  //@end
  //@for i in 0..LOADS_B
  let n@{i} = columns_of(task, slot_b(lane, @{i}u));
  let rest@{i} = n@{i} / params.kernel_width;
  // Above and to the left of the image the numbers wrap around to ones larger than any height.
  b_y@{i} = rest@{i} % params.kernel_height * params.dilation_h - params.pad_top;
  b_x@{i} = n@{i} % params.kernel_width * params.dilation_w - params.pad_left;
  b_from@{i} = (rest@{i} / params.kernel_height * params.height + b_y@{i}) * params.width + b_x@{i};
  //@end
}

fn advance() {
  k_at += @{DEPTH}u;
  place_at = add_digits(place_at, params.jump.xyz, bases());
}

//@for i in 0..LOADS_A
fn load_a@{i}() -> vec4f {
  if (k_at >= k_end) { return vec4f(); }
  let at = a_row@{i} + ((place_at.x * params.rows * params.out_height + place_at.y) * params.out_width + place_at.z);
  let values = vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
  //@if FINISH
  row_sum@{i} += values;
  //@end
  return values;
}
//@end

//@for i in 0..LOADS_B
fn load_b@{i}() -> vec4f {
  let row = place_at.y * params.stride_h;
  let column = place_at.z * params.stride_w;
  let in_rows = b_y@{i} + row < vec4u(params.height);
  let inside = in_rows & (b_x@{i} + column < vec4u(params.width)) & vec4<bool>(k_at < k_end);
  let at = b_from@{i} + ((place_at.x * params.channels * params.height + row) * params.width + column);
  var values = vec4f();
  //@for j in 0..4
  if (inside[@{j}]) { values[@{j}] = x[at[@{j}]]; }
  //@end
  return values;
}
//@end

fn locate(column: u32) -> u32 { return to + column; }

fn store(place: u32, row: u32, column: u32, sum: f32) { dw[place + row * params.columns] = sum; }

//@if FINISH
// Each tile of the first columns has seen its rows of the slice: a lane adds up a row's shares.
fn finish(task: Task, lane: u32) {
  workgroupBarrier();
  //@for i in 0..LOADS_A
  tile_a[depth_a(lane, @{i}u) * @{WIDTH_A}u + slot_a(lane, @{i}u)] = row_sum@{i};
  //@end
  workgroupBarrier();
  if (task.column > 0u || lane >= @{ROWS}u || task.row + lane >= params.rows) { return; }
  var sum = 0.0;
  for (var d = 0u; d < @{DEPTH}u; d++) { sum += tile_a[d * @{WIDTH_A}u + lane % @{SLOTS_A}u][lane / @{SLOTS_A}u]; }
  db[task.slice * params.rows + task.row + lane] = sum;
}
//@end
