// Matrix product for GPUs: a workgroup of 16 × 16 invocations makes 64 × 64 outputs, 4 × 4 in each one's registers, from tiles of
// 64 × 16 of both operands in workgroup memory (8.25 KiB). Outside the matrices the tiles hold zeros.
struct Params {
  n: u32,
  rows: u32,
  columns: u32,
  depth: u32,
  a_row: u32,
  a_depth: u32,
  b_depth: u32,
  b_column: u32,
  batch_rank: u32,
  has_bias: u32,
  relu: u32,
  row_tiles: u32,
  column_tiles: u32,
  tiles: u32,
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

// Rows of 65, so that invocations that write a column of a tile hit different banks.
var<workgroup> tile_a: array<f32, 1040>;
var<workgroup> tile_b: array<f32, 1040>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Uniform over the workgroup: all of it leaves, or none.
  let tile = group.y * groups.x + group.x;
  if (tile >= params.tiles) { return; }
  let row = tile / params.column_tiles % params.row_tiles * 64u;
  let column = tile % params.column_tiles * 64u;
  let entry = tile / params.column_tiles / params.row_tiles;
  let start = batch_offsets(entry);
  let own_row = lane / 16u;
  let own_column = lane % 16u;
  // Neighbours load along the axis in which memory is contiguous.
  let a_along_depth = params.a_depth == 1u;
  let b_along_depth = params.b_depth == 1u;

  var sums: array<vec4f, 4>;
  for (var k = 0u; k < params.depth; k += 16u) {
    for (var j = 0u; j < 4u; j++) {
      let e = lane + j * 256u;
      let ra = select(e % 64u, e / 16u, a_along_depth);
      let ka = select(e / 64u, e % 16u, a_along_depth);
      var va = 0.0;
      if (row + ra < params.rows && k + ka < params.depth) {
        va = a[start.x + (row + ra) * params.a_row + (k + ka) * params.a_depth];
      }
      tile_a[ka * 65u + ra] = va;
      let cb = select(e % 64u, e / 16u, b_along_depth);
      let kb = select(e / 64u, e % 16u, b_along_depth);
      var vb = 0.0;
      if (column + cb < params.columns && k + kb < params.depth) {
        vb = b[start.y + (k + kb) * params.b_depth + (column + cb) * params.b_column];
      }
      tile_b[kb * 65u + cb] = vb;
    }
    workgroupBarrier();
    for (var d = 0u; d < 16u; d++) {
      let at_a = d * 65u + own_row;
      let at_b = d * 65u + own_column;
      let vb = vec4f(tile_b[at_b], tile_b[at_b + 16u], tile_b[at_b + 32u], tile_b[at_b + 48u]);
      sums[0] += tile_a[at_a] * vb;
      sums[1] += tile_a[at_a + 16u] * vb;
      sums[2] += tile_a[at_a + 32u] * vb;
      sums[3] += tile_a[at_a + 48u] * vb;
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    let r = row + own_row + i * 16u;
    for (var j = 0u; j < 4u; j++) {
      let q = column + own_column + j * 16u;
      if (r < params.rows && q < params.columns) {
        var shift = 0.0;
        if (params.has_bias == 1u) { shift = bias[q]; }
        c[(entry * params.rows + r) * params.columns + q] = activated(sums[i][j] + shift);
      }
    }
  }
}
