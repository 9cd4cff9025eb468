// Matrix products of a batch as products of tiles (lib/tile_product.wgsl). Each slice of k leaves a partial result, n elements long.
struct Params {
  n: u32,
  tiles: u32,
  row_tiles: u32,
  column_tiles: u32,
  rows: u32,
  columns: u32,
  depth: u32,
  slices: u32,
  slice_depth: u32,
  one: u32,
  a_row: u32,
  a_depth: u32,
  b_depth: u32,
  b_column: u32,
  batch_rank: u32,
  has_bias: u32,
  relu: u32,
  batch_shape: array<vec4u, 2>,
  a_batch: array<vec4u, 2>,
  b_batch: array<vec4u, 2>,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;
// Read where has_bias is 1; else any buffer stands in.
@group(0) @binding(4) var<storage, read> bias: array<f32>;

// For each own load, its k and where its four elements are.
//@for i in 0..LOADS_A
var<private> a_k@{i}: u32;
var<private> a_at@{i}: vec4u;
//@end
//@for i in 0..LOADS_B
var<private> b_k@{i}: u32;
var<private> b_at@{i}: vec4u;
//@end
var<private> k_end: u32;
// Where the slice's matrix of the own batch entry begins.
var<private> to: u32;

fn begin(task: Task, lane: u32) {
  let start = batch_offsets(task.entry);
  k_end = task.end;
  to = task.slice * params.n + task.entry * params.rows * params.columns;
  //@for i in 0..LOADS_A
  a_k@{i} = task.first + depth_a(lane, @{i}u);
  a_at@{i} = start.x + a_k@{i} * params.a_depth + rows_of(task, slot_a(lane, @{i}u)) * params.a_row;
  //@end
  //@for i in 0..LOADS_B
  b_k@{i} = task.first + depth_b(lane, @{i}u);
  b_at@{i} = start.y + b_k@{i} * params.b_depth + columns_of(task, slot_b(lane, @{i}u)) * params.b_column;
  //@end
}

fn advance() {
  //@for i in 0..LOADS_A
  a_k@{i} += @{DEPTH}u;
  a_at@{i} += vec4u(@{DEPTH}u * params.a_depth);
  //@end
  //@for i in 0..LOADS_B
  b_k@{i} += @{DEPTH}u;
  b_at@{i} += vec4u(@{DEPTH}u * params.b_depth);
  //@end
}

//@for i in 0..LOADS_A
fn load_a@{i}() -> vec4f {
  if (a_k@{i} >= k_end) { return vec4f(); }
  return vec4f(a[a_at@{i}.x], a[a_at@{i}.y], a[a_at@{i}.z], a[a_at@{i}.w]);
}
//@end

//@for i in 0..LOADS_B
fn load_b@{i}() -> vec4f {
  if (b_k@{i} >= k_end) { return vec4f(); }
  return vec4f(b[b_at@{i}.x], b[b_at@{i}.y], b[b_at@{i}.z], b[b_at@{i}.w]);
}
//@end

fn locate(column: u32) -> u32 { return to + column; }

fn store(place: u32, row: u32, column: u32, sum: f32) {
  var shift = 0.0;
  if (params.has_bias == 1u) { shift = bias[column]; }
  c[place + row * params.columns] = activated(sum + shift);
}
