// The gradient to the weight of a convolution without groups by tiles (matmul/tile_product.wgsl). A is the output's
// gradient, B the input's elements under the window: m is the output channel o, n = (c, ky, kx) a weight of it, k =
// (image, oy, ox) a pixel of the output. Each slice of k leaves a partial result; another pass adds them up. FINISH:
// so it does for the gradient to the bias.
struct Params {
  // Of the input.
  channels: u32,
  // DEPTH as an index (image, oy, ox).
  depth_step: vec4u,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dw: array<f32>;
//@if FINISH
@group(0) @binding(4) var<storage, read_write> db: array<f32>;
//@end

// The k of this invocation's loads (of A and B alike), also as an index; where it ends; where the slice's results
// begin.
var<private> k_at: u32;
var<private> pixel: vec3u;
var<private> k_end: u32;
var<private> dw_from: u32;
//@for i in 0..LOADS_A
var<private> a_row@{i}: vec4u;
//@if FINISH
// The sum of what was loaded of each row: a part of the gradient to the bias.
var<private> row_sum@{i}: vec4f;
//@end
//@end
// Where the taps of its columns meet the input at output pixel (0, 0): row, column, and element of the first image.
//@for i in 0..LOADS_B
var<private> b_y@{i}: vec4u;
var<private> b_x@{i}: vec4u;
var<private> b_from@{i}: vec4u;
//@end

fn out_plane() -> vec2u { return vec2u(params.out_height, params.out_width); }

fn begin(task: Task, lane: u32) {
  k_at = task.first + depth_a(lane, 0u);
  pixel = unravel(k_at, out_plane());
  k_end = task.end;
  dw_from = task.slice * params.rows * params.columns;
  //@for i in 0..LOADS_A
  a_row@{i} = rows_of(task, slot_a(lane, @{i}u)) * (params.out_height * params.out_width);
  //@end
  //@for i in 0..LOADS_B
  let n@{i} = columns_of(task, slot_b(lane, @{i}u));
  let rest@{i} = n@{i} / params.kernel_width;
  b_y@{i} = rest@{i} % params.kernel_height * params.dilation_h - params.pad_top;
  b_x@{i} = n@{i} % params.kernel_width * params.dilation_w - params.pad_left;
  b_from@{i} = (rest@{i} / params.kernel_height * params.height + b_y@{i}) * params.width + b_x@{i};
  //@end
}

fn advance() {
  k_at += @{DEPTH}u;
  pixel = step_index(pixel, params.depth_step.xyz, out_plane());
}

//@for i in 0..LOADS_A
fn load_a@{i}() -> vec4f {
  if (k_at >= k_end) { return vec4f(); }
  let at = a_row@{i} + ((pixel.x * params.rows * params.out_height + pixel.y) * params.out_width + pixel.z);
  let values = vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
  //@if FINISH
  row_sum@{i} += values;
  //@end
  return values;
}
//@end

//@for i in 0..LOADS_B
fn load_b@{i}() -> vec4f {
  let row = pixel.y * params.stride_h;
  let column = pixel.z * params.stride_w;
  let in_rows = b_y@{i} + row < vec4u(params.height);
  let inside = in_rows & (b_x@{i} + column < vec4u(params.width)) & vec4<bool>(k_at < k_end);
  let at = b_from@{i} + ((pixel.x * params.channels * params.height + row) * params.width + column);
  var values = vec4f();
  //@for j in 0..4
  if (inside[@{j}]) { values[@{j}] = x[at[@{j}]]; }
  //@end
  return values;
}
//@end

fn locate(column: u32) -> u32 { return dw_from + column; }

fn store(at: u32, row: u32, column: u32, task: Task, sum: f32) { dw[at + row * params.columns] = sum; }

fn repair(at: u32, row: u32, column: u32, task: Task) {
  if (!is_nan(dw[at + row * params.columns])) { return; }
  let tap = unravel(column, vec2u(params.kernel_height, params.kernel_width));
  var sum = 0.0;
  for (var k = task.first; k < task.end; k++) {
    let at_k = unravel(k, out_plane());
    let y = at_k.y * params.stride_h + tap.y * params.dilation_h - params.pad_top;
    let x_at = at_k.z * params.stride_w + tap.z * params.dilation_w - params.pad_left;
    if (y >= params.height || x_at >= params.width) { continue; }
    let from_x = ((at_k.x * params.channels + tap.x) * params.height + y) * params.width + x_at;
    let from_dy = ((at_k.x * params.rows + row) * params.out_height + at_k.y) * params.out_width + at_k.z;
    sum = fma(dy[from_dy], x[from_x], sum);
  }
  store(at, row, column, task, sum);
}

//@if FINISH
// The workgroups of the first columns have loaded all of their rows in the slice: a lane adds up the parts of a row.
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
