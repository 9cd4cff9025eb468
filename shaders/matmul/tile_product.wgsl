// A matrix product C[m, n] = Σ_k A[m, k] · B[k, n] for GPUs, whatever A and B are read from. A workgroup makes ROWS x
// COLUMNS results from tiles of A and B in workgroup memory, 4·ROW_QUADS x 4·COLUMN_QUADS of them in the registers of
// each invocation. `slices` workgroups can share the sum over k, `slice_depth` of it each.
//
// The contract. The kernel around it declares `params` at binding 0 and its storage buffers, has size.wgsl among its
// sources, and is launched by launchTiled() of src/ops/matmul/tile-product.ts, which gives the defines and fills this
// part of Params. Its functions:
//
//   begin(task, lane)
//     Sets the loads to the first tile of k. Called once, before all others.
//   load_a0() -> vec4f, load_a1(), …; load_b0() -> vec4f, …
//     A's elements in rows `rows_of(task, slot_a(lane, i))`, at `depth_a(lane, i)` of the current tile, for each i below
//     LOADS_A; B's in columns `columns_of(task, slot_b(lane, i))` alike. From task.end on BOTH give zeros: a zero of one
//     operand times an infinity of the other would be NaN.
//   advance()
//     Moves all loads DEPTH further along k. Called after the loads of each tile, and of one more beyond task.end.
//   locate(column) -> u32
//     What `store` needs to know of a column; called once for all the rows of an invocation.
//   store(at, row, column, task, sum)
//     Writes one result; `at` is from `locate`. Called for rows and columns that exist, and for no others.
//   repair(at, row, column, task)
//     With REPAIR only, for kernels whose loads give zeros for terms that do not exist: if the result that `store` wrote
//     is NaN, writes the sum of the existing terms in its place. Called for all results of an invocation of which one may
//     be NaN. lib/nan.wgsl is then among the sources.
//   finish(task, lane)
//     With FINISH only: called at the end, by all invocations, so that it can have barriers; after one it may use the
//     tiles' memory.
//
// Functions keep what they know from call to call in private variables. Defines: ROWS, COLUMNS, DEPTH (of a tile);
// ROW_QUADS, COLUMN_QUADS; A_ALONG_DEPTH, B_ALONG_DEPTH (1 where the operand's memory is contiguous along k); FINISH;
// REPAIR; ROLLED (1 on software adapters). LOADS_A, LOADS_B, SLOTS_A, SLOTS_B, WIDTH_A, WIDTH_B and WG follow from
// them, and the kernel can use them.
//
// A slot is a vec4 of rows that lie ROWS / 4 apart (columns alike): so neighbours load and store neighbouring
// elements, and yet each fills and reads whole vec4s. One more slot in each row of a tile puts those who fill a
// column of it on different banks.
struct Params {
  // Workgroups.
  tiles: u32,
  row_tiles: u32,
  column_tiles: u32,
  slices: u32,
  slice_depth: u32,
  // 1: see ROLLED.
  one: u32,
}

//@let SLOTS_A = ROWS / 4
//@let SLOTS_B = COLUMNS / 4
//@let GRID_ROWS = SLOTS_A / ROW_QUADS
//@let GRID_COLUMNS = SLOTS_B / COLUMN_QUADS
//@let WG = GRID_ROWS * GRID_COLUMNS
//@let LOADS_A = SLOTS_A * DEPTH / WG
//@let LOADS_B = SLOTS_B * DEPTH / WG
//@let WIDTH_A = SLOTS_A + 1
//@let WIDTH_B = SLOTS_B + 1
var<workgroup> tile_a: array<vec4f, @{DEPTH * WIDTH_A}>;
var<workgroup> tile_b: array<vec4f, @{DEPTH * WIDTH_B}>;

// What a workgroup makes: its first row and column, and first ..< end of k, which is slice `slice` of entry `entry`
// of a batch.
struct Task { row: u32, column: u32, entry: u32, slice: u32, first: u32, end: u32 }

// The slot that an invocation fills by its load number `item`, and how deep in the tile it lies: neighbours lie along
// the axis in which the operand's memory is contiguous. Along k an invocation has one depth for all its loads, else
// one slot.
//@if A_ALONG_DEPTH
fn slot_a(lane: u32, item: u32) -> u32 { return lane / @{DEPTH}u + item * @{WG / DEPTH}u; }
fn depth_a(lane: u32, item: u32) -> u32 { return lane % @{DEPTH}u; }
//@else
fn slot_a(lane: u32, item: u32) -> u32 { return lane % @{SLOTS_A}u; }
fn depth_a(lane: u32, item: u32) -> u32 { return lane / @{SLOTS_A}u + item * @{WG / SLOTS_A}u; }
//@end
//@if B_ALONG_DEPTH
fn slot_b(lane: u32, item: u32) -> u32 { return lane / @{DEPTH}u + item * @{WG / DEPTH}u; }
fn depth_b(lane: u32, item: u32) -> u32 { return lane % @{DEPTH}u; }
//@else
fn slot_b(lane: u32, item: u32) -> u32 { return lane % @{SLOTS_B}u; }
fn depth_b(lane: u32, item: u32) -> u32 { return lane / @{SLOTS_B}u + item * @{WG / SLOTS_B}u; }
//@end

// The rows (columns) of slot `slot`. Beyond the last one the last is read again: nothing of it is stored.
fn rows_of(task: Task, slot: u32) -> vec4u {
  return min(task.row + slot + vec4u(0u, @{SLOTS_A}u, @{2 * SLOTS_A}u, @{3 * SLOTS_A}u), vec4u(params.rows - 1u));
}
fn columns_of(task: Task, slot: u32) -> vec4u {
  return min(task.column + slot + vec4u(0u, @{SLOTS_B}u, @{2 * SLOTS_B}u, @{3 * SLOTS_B}u), vec4u(params.columns - 1u));
}

// The row and the column of result (r, c) of an invocation.
fn row_of(task: Task, own_row: u32, r: u32) -> u32 {
  return task.row + own_row + r / 4u * @{GRID_ROWS}u + r % 4u * @{SLOTS_A}u;
}
fn column_of(task: Task, own_column: u32, c: u32) -> u32 {
  return task.column + own_column + c / 4u * @{GRID_COLUMNS}u + c % 4u * @{SLOTS_B}u;
}

// The index of element `n` of an array of shape [any, sizes.x, sizes.y]; and that of the element `step` elements on,
// where both are given as indices: it takes no division.
fn unravel(n: u32, sizes: vec2u) -> vec3u {
  let rest = n / sizes.y;
  return vec3u(rest / sizes.x, rest % sizes.x, n % sizes.y);
}
fn step_index(index: vec3u, step: vec3u, sizes: vec2u) -> vec3u {
  var sum = index + step;
  if (sum.z >= sizes.y) { sum += vec3u(0u, 1u, 0u - sizes.y); }
  if (sum.y >= sizes.x) { sum += vec3u(1u, 0u - sizes.x, 0u); }
  return sum;
}

@compute @workgroup_size(@{WG})
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // Uniform over the workgroup: all of it leaves, or none.
  let tile = workgroup_id.y * num_workgroups.x + workgroup_id.x;
  if (tile >= params.tiles) { return; }
  // Workgroups side by side share columns, which are the larger operand of a convolution.
  let column_tile = tile / params.row_tiles;
  let layer = column_tile / params.column_tiles;
  let slice = layer % params.slices;
  let first = slice * params.slice_depth;
  let end = min(first + params.slice_depth, params.depth);
  let task = Task(
    tile % params.row_tiles * @{ROWS}u,
    column_tile % params.column_tiles * @{COLUMNS}u,
    layer / params.slices,
    slice,
    first,
    end,
  );
  let own_row = lane / @{GRID_COLUMNS}u;
  let own_column = lane % @{GRID_COLUMNS}u;

  //@if ROLLED
  // 1, but unknown to software adapters' compilers: they take ten times as long for loops that they unroll.
  let one = params.one;
  //@else
  let one = 1u;
  //@end

  begin(task, lane);
  //@for s in 0..4 * ROW_QUADS * COLUMN_QUADS
  var sum@{s} = vec4f();
  //@end
  // Each round multiplies the tiles of the one before while its own loads, which are zeros in the last one, are on
  // their way.
  for (var k = first; k < end + @{DEPTH}u; k += @{DEPTH}u) {
    //@for i in 0..LOADS_A
    let a@{i} = load_a@{i}();
    //@end
    //@for i in 0..LOADS_B
    let b@{i} = load_b@{i}();
    //@end
    advance();
    // In the first round there is nothing to multiply yet.
    if (k > first) {
      for (var d = 0u; d < @{DEPTH}u * one; d++) {
        //@for v in 0..COLUMN_QUADS
        let y@{v} = tile_b[d * @{WIDTH_B}u + own_column + @{v * GRID_COLUMNS}u];
        //@end
        //@for u in 0..ROW_QUADS
        let x@{u} = tile_a[d * @{WIDTH_A}u + own_row + @{u * GRID_ROWS}u];
        //@for i in 0..4
        //@for v in 0..COLUMN_QUADS
        sum@{(u * 4 + i) * COLUMN_QUADS + v} += x@{u}[@{i}] * y@{v};
        //@end
        //@end
        //@end
      }
    }
    workgroupBarrier();
    //@for i in 0..LOADS_A
    tile_a[depth_a(lane, @{i}u) * @{WIDTH_A}u + slot_a(lane, @{i}u)] = a@{i};
    //@end
    //@for i in 0..LOADS_B
    tile_b[depth_b(lane, @{i}u) * @{WIDTH_B}u + slot_b(lane, @{i}u)] = b@{i};
    //@end
    workgroupBarrier();
  }
  //@let QUADS = 4 * ROW_QUADS * COLUMN_QUADS
  var sums: array<vec4f, @{QUADS}>;
  //@for s in 0..QUADS
  sums[@{s}] = sum@{s};
  //@end
  for (var c = 0u; c < @{4 * COLUMN_QUADS}u * one; c++) {
    let at = column_of(task, own_column, c);
    if (at >= params.columns) { continue; }
    let column_at = locate(at);
    for (var r = 0u; r < @{4 * ROW_QUADS}u * one; r++) {
      let row = row_of(task, own_row, r);
      if (row < params.rows) { store(column_at, row, at, task, sums[r * @{COLUMN_QUADS}u + c / 4u][c % 4u]); }
    }
  }
  //@if REPAIR
  // The sum of all sums is NaN where one of them is. `params.one` keeps this rare loop small.
  var all = vec4f();
  //@for s in 0..QUADS
  all += sum@{s};
  //@end
  if (is_nan(dot(all, vec4f(1.0)))) {
    for (var c = 0u; c < @{4 * COLUMN_QUADS}u * params.one; c++) {
      for (var r = 0u; r < @{4 * ROW_QUADS}u * params.one; r++) {
        let row = row_of(task, own_row, r);
        let at = column_of(task, own_column, c);
        if (row < params.rows && at < params.columns) { repair(locate(at), row, at, task); }
      }
    }
  }
  //@end
  //@if FINISH
  finish(task, lane);
  //@end
}
