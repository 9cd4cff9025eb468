// For kernels that reduce rows of a tensor [outer, length, inner] along `length`: LANES invocations serve a row, one alone or
// a whole workgroup (WG == LANES). Long sums are cut into blocks of BLOCK terms a lane, so that they stay accurate.
const BLOCK = 64u;
const LANES = @{LANES}u;

// Where a row begins; its elements are `inner` apart.
fn row_base(row: u32, length: u32, inner: u32) -> u32 {
  return row / inner * length * inner + row % inner;
}

//@if LANES == 1
fn row_of(group: vec3u, groups: vec3u, lane: u32) -> u32 { return linear_index(group, groups, lane); }
fn first_of(lane: u32) -> u32 { return 0u; }
fn row_max(key: u32, lane: u32) -> u32 { return key; }
fn row_sum(value: f32, lane: u32) -> f32 { return value; }
//@else
fn row_of(group: vec3u, groups: vec3u, lane: u32) -> u32 { return group.y * groups.x + group.x; }
fn first_of(lane: u32) -> u32 { return lane; }

// Every lane combines the values of all lanes itself: a tree of barriers takes software adapters seconds to compile.
var<workgroup> maxima: array<u32, LANES>;
var<workgroup> sums: array<f32, LANES>;

// At most one call a kernel.
fn row_max(key: u32, lane: u32) -> u32 {
  maxima[lane] = key;
  workgroupBarrier();
  var result = maxima[0];
  for (var k = 1u; k < LANES; k++) { result = max(result, maxima[k]); }
  return result;
}

fn row_sum(value: f32, lane: u32) -> f32 {
  // An earlier sum may still be read.
  workgroupBarrier();
  sums[lane] = value;
  workgroupBarrier();
  var result = sums[0];
  for (var k = 1u; k < LANES; k++) { result += sums[k]; }
  return result;
}
//@end

// What order_key() gives the largest element of a row whose softmax is NaN: NaN and infinity themselves, and -infinity in all of it.
fn is_undefined(largest: u32) -> bool { return largest >= 0xff800000u || largest <= 0x00800000u; }
