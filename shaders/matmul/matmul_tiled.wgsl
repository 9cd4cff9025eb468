// A batch of products (operands.wgsl) by tiles (tile_product.wgsl). Each slice of k leaves a partial result of n
// elements.

// The k of each load of this invocation, and where its four elements are.
//@for i in 0..LOADS_A
var<private> a_k@{i}: u32;
var<private> a_at@{i}: vec4u;
//@end
//@for i in 0..LOADS_B
var<private> b_k@{i}: u32;
var<private> b_at@{i}: vec4u;
//@end
var<private> k_end: u32;
// Where the slice's matrix of the batch entry begins.
var<private> c_from: u32;

fn begin(task: Task, lane: u32) {
  let start = batch_offsets(task.entry);
  k_end = task.end;
  c_from = task.slice * params.n + task.entry * params.rows * params.columns;
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

fn locate(column: u32) -> u32 { return c_from + column; }

fn store(at: u32, row: u32, column: u32, task: Task, sum: f32) {
  var shift = 0.0;
  if (params.has_bias == 1u) { shift = bias[column]; }
  c[at + row * params.columns] = activated(sum + shift);
}
