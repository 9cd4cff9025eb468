// Draws `samples` indices from each row of weights p [rows, length].
// KIND 'check': one invocation a weight looks whether it is one.
// KIND 'draw': with replacement; one invocation a sample looks where a share of the row's sum lies in the running sums `cdf`.
// KIND 'race': every index of a row arrives at an exponential time of rate p; `keys` are the times as bits, which order as they do.
// KIND 'rank': without replacement; an index that arrives as number r of its row is sample r.
struct Params { n: u32, length: u32, samples: u32, }
const NEVER = 0xffffffffu;
@group(0) @binding(0) var<uniform> params: Params;
//@if KIND == 'rank'
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
//@else
@group(0) @binding(1) var<storage, read> p: array<f32>;
//@end
//@if KIND == 'draw'
@group(0) @binding(2) var<storage, read> cdf: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;
//@elif KIND == 'race'
@group(0) @binding(2) var<storage, read_write> keys: array<u32>;
//@end

//@if KIND == 'draw' || KIND == 'race'
struct Params { seed_low: u32, seed_high: u32, offset_low: u32, offset_high: u32, }
fn random_bits(i: u32) -> u32 {
  let offset = vec2u(params.offset_low, params.offset_high);
  let block = philox_block(offset, i / 4u, vec2u(params.seed_low, params.seed_high));
  return block[i % 4u];
}
//@end

//@if KIND == 'check' || KIND == 'race'
fn is_above_zero(bits: u32) -> bool { return bits - 1u < 0x7f7fffffu; }
// 0 and -0 are weights too.
fn check_weight(bits: u32) {
  if (!is_above_zero(bits) && (bits & 0x7fffffffu) != 0u) { report(bits); }
}
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  //@if KIND == 'check'
  check_weight(bitcast<u32>(p[i]));
  //@elif KIND == 'draw'
  let first = i / params.samples * params.length;
  let last = first + params.length - 1u;
  let total = cdf[last];
  if (bitcast<u32>(total) - 1u >= 0x7f7fffffu) { report(1u); }
  let share = f32(random_bits(i) >> 8u) * (1.0 / 16777216.0) * total;
  var low = first;
  var high = last;
  while (low < high) {
    let middle = low + (high - low) / 2u;
    if (cdf[middle] > share) { high = middle; } else { low = middle + 1u; }
  }
  // Rounding of the sums alone can lead to a weight of 0.
  while (low > first && !(p[low] > 0.0)) { low--; }
  while (low < last && !(p[low] > 0.0)) { low++; }
  y[i] = low - first;
  //@elif KIND == 'race'
  let bits = bitcast<u32>(p[i]);
  check_weight(bits);
  // -log(1 - v) of v in (0, 1): near 0, where the winners are, by its series.
  let v = (f32(random_bits(i)) + 0.5) * (1.0 / 4294967296.0);
  let time = select(-log(max(1.0 - v, 1e-10)), v * (1.0 + v * (0.5 + v / 3.0)), v < 0.01);
  keys[i] = select(NEVER, bitcast<u32>(time / p[i]) & 0x7fffffffu, is_above_zero(bits));
  //@elif KIND == 'rank'
  let first = i / params.length * params.length;
  let key = keys[i];
  var rank = 0u;
  for (var j = first; j < first + params.length && rank < params.samples; j++) {
    if (keys[j] < key || (keys[j] == key && j < i)) { rank++; }
  }
  if (rank < params.samples) {
    if (key == NEVER) { report(1u); }
    y[i / params.length * params.samples + rank] = i - first;
  }
  //@else
  //@error multinomial.wgsl has no kind '@{KIND}'
  //@end
}
