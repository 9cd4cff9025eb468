// The gradient of embedding (and, with rows of one element, of gather): dx[r, …] is the sum of g[i, …] over all i with indices[i] == r, in ascending order of i.
// `order` lists the i sorted by index, so that those of a row form one segment of it.
// STAGE 'starts': where the segment of each row r begins (rows + 1 entries).
// STAGE 'chunks': sums of the chunks of `order` that lie within one segment (others are never read).
// STAGE 'rows': each segment's sum, from whole chunks and the single entries before and after them.
struct Params { n: u32, rows: u32, width: u32, count: u32, chunk: u32 }
@group(0) @binding(0) var<uniform> params: Params;
//@if STAGE == 'starts'
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> starts: array<u32>;
//@elif STAGE == 'chunks'
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;
//@elif STAGE == 'rows'
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> g: array<f32>;
@group(0) @binding(4) var<storage, read> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
//@else
//@error row_sums.wgsl has no stage '@{STAGE}'
//@end

//@if STAGE != 'starts'
fn sum_entries(first_entry: u32, end_entry: u32, column: u32) -> f32 {
  var total = 0.0;
  for (var k = first_entry; k < end_entry; k++) { total += g[order[k] * params.width + column]; }
  return total;
}
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  //@if STAGE == 'starts'
  var low = 0u;
  var high = params.count;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (indices[order[middle]] < i) { low = middle + 1u; } else { high = middle; }
  }
  starts[i] = low;
  //@elif STAGE == 'chunks'
  let first = i / params.width * params.chunk;
  let end = first + params.chunk;
  if (indices[order[first]] != indices[order[end - 1u]]) { return; }
  sums[i] = sum_entries(first, end, i % params.width);
  //@else
  let row = i / params.width;
  let column = i % params.width;
  let first = starts[row];
  let end = starts[row + 1u];
  let first_chunk = (first + params.chunk - 1u) / params.chunk;
  let end_chunk = end / params.chunk;
  if (first_chunk >= end_chunk) {
    dx[i] = sum_entries(first, end, column);
    return;
  }
  var total = 0.0;
  for (var c = first_chunk; c < end_chunk; c++) { total += sums[c * params.width + column]; }
  dx[i] = sum_entries(first, first_chunk * params.chunk, column) + total + sum_entries(end_chunk * params.chunk, end, column);
  //@end
}
