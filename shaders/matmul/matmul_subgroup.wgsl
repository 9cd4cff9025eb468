// A batch of products (operands.wgsl) for adapters where a load is dear and a broadcast cheap. A workgroup is one
// subgroup of LANES invocations and holds ROWS x (COLS · LANES) elements of C in registers, lanes over the columns.
// Loads are clamped to the matrix, stores guarded. ROW_SUMS: the workgroups of the first columns also sum A's rows,
// of a product without a batch.
struct Params {
  row_tiles: u32,
  column_tiles: u32,
  tiles: u32,
}
//@if ROW_SUMS
@group(0) @binding(5) var<storage, read_write> row_sums: array<f32>;
//@end

@compute @workgroup_size(@{LANES})
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = workgroup_id.y * num_workgroups.x + workgroup_id.x;
  if (tile >= params.tiles) { return; }
  let row = tile / params.column_tiles % params.row_tiles * @{ROWS}u;
  let column = tile % params.column_tiles * @{COLS * LANES}u + lane;
  let entry = tile / params.column_tiles / params.row_tiles;
  let start = batch_offsets(entry);
  let a_depth = params.a_depth;
  let b_depth = params.b_depth;
  let last_row = params.rows - 1u;
  let last_column = params.columns - 1u;
  //@for g in 0..ROWS / LANES
  let at_a@{g} = start.x + min(row + @{g * LANES}u + lane, last_row) * params.a_row;
  //@end
  //@for q in 0..COLS
  let at_b@{q} = start.y + min(column + @{q * LANES}u, last_column) * params.b_column;
  //@end
  //@for i in 0..ROWS
  //@for q in 0..COLS
  var c@{i}_@{q} = 0.0;
  //@end
  //@end
  //@if ROW_SUMS
  //@for g in 0..ROWS / LANES
  var sum@{g} = 0.0;
  //@end
  //@end
  // DEPTH steps of the sum at a time, then one at a time. Zeros for steps beyond the end would make an infinity NaN.
  var k = 0u;
  //@for tail in 0..2
  //@let STEPS = DEPTH - tail * (DEPTH - 1)
  for (; k + @{STEPS}u <= params.depth; k += @{STEPS}u) {
    //@for u in 0..STEPS
    let k@{u} = k + @{u}u;
    //@for g in 0..ROWS / LANES
    let a@{g}_@{u} = a[at_a@{g} + k@{u} * a_depth];
    //@if ROW_SUMS
    sum@{g} += a@{g}_@{u};
    //@end
    //@end
    //@for q in 0..COLS
    let b@{q}_@{u} = b[at_b@{q} + k@{u} * b_depth];
    //@end
    //@end
    // One sum after the other: it is then in a register while it grows.
    //@for i in 0..ROWS
    {
      //@for u in 0..STEPS
      let x@{u} = subgroupBroadcast(a@{i / LANES}_@{u}, @{i % LANES}u);
      //@end
      //@for q in 0..COLS
      //@for u in 0..STEPS
      c@{i}_@{q} = fma(x@{u}, b@{q}_@{u}, c@{i}_@{q});
      //@end
      //@end
    }
    //@end
  }
  //@end
  //@if ROW_SUMS
  if (column == lane) {
    //@for g in 0..ROWS / LANES
    if (row + @{g * LANES}u + lane < params.rows) { row_sums[row + @{g * LANES}u + lane] = sum@{g}; }
    //@end
  }
  //@end
  let base = (entry * params.rows + row) * params.columns;
  //@for q in 0..COLS
  if (column + @{q * LANES}u < params.columns) {
    let at = base + column + @{q * LANES}u;
    var shift = 0.0;
    if (params.has_bias == 1u) { shift = bias[column + @{q * LANES}u]; }
    //@for i in 0..ROWS
    if (row + @{i}u < params.rows) { c[at + @{i}u * params.columns] = activated(c@{i}_@{q} + shift); }
    //@end
  }
  //@end
}
