// Sums of x [outer, length, inner] along `length` from its beginning (REVERSE: its end), cut into blocks of BLOCK elements, one an
// invocation: of each block alone (KIND 'sum', y is [outer, blocks, inner]), or up to each element (KIND 'scan'). `before` holds what
// the blocks up to and with each one sum up to.
struct Params { n: u32, length: u32, inner: u32, blocks: u32 }
const BLOCK = @{BLOCK}u;
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<@{T}>;
//@if BEFORE
@group(0) @binding(2) var<storage, read> before: array<@{T}>;
@group(0) @binding(3) var<storage, read_write> y: array<@{T}>;
//@else
@group(0) @binding(2) var<storage, read_write> y: array<@{T}>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let inner = params.inner;
  let block = i / inner % params.blocks;
  let base = i / inner / params.blocks * params.length * inner + i % inner;
  var total = @{T}(0);
  //@if BEFORE
  if (block > 0u) { total = before[i - inner]; }
  //@end
  for (var k = block * BLOCK; k < min((block + 1u) * BLOCK, params.length); k++) {
    //@if REVERSE
    let at = base + (params.length - 1u - k) * inner;
    //@else
    let at = base + k * inner;
    //@end
    total += x[at];
    //@if KIND == 'scan'
    y[at] = total;
    //@end
  }
  //@if KIND == 'sum'
  y[i] = total;
  //@end
}
