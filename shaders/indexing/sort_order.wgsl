// One pass of a stable merge sort of 0 … n - 1 by keys[i]: `order` holds sorted runs of `run` numbers, and each element finds its
// position in the merger of two runs by counting the elements of the other run that come before it. FIRST: the runs are blocks
// of the numbers themselves, each sorted by counting.
struct Params { n: u32, run: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
//@if FIRST
@group(0) @binding(2) var<storage, read_write> sorted: array<u32>;
//@else
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> sorted: array<u32>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let start = i / params.run * params.run;
  //@if FIRST
  let key = keys[i];
  var at = start;
  for (var k = start; k < min(start + params.run, params.n); k++) {
    let other = keys[k];
    if (other < key || (other == key && k < i)) { at++; }
  }
  sorted[at] = i;
  //@else
  let me = order[i];
  let key = keys[me];
  // Of equal keys, those of the left run come first.
  let is_left = i / params.run % 2u == 0u;
  let other = select(start - params.run, start + params.run, is_left);
  var low = min(other, params.n);
  var high = min(other + params.run, params.n);
  let first = low;
  while (low < high) {
    let middle = (low + high) / 2u;
    let probe = keys[order[middle]];
    if (probe < key || (probe == key && !is_left)) { low = middle + 1u; } else { high = middle; }
  }
  sorted[select(i - params.run, i, is_left) + low - first] = me;
  //@end
}
