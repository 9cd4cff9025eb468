// y = x as another element type, by the bits alone: what WGSL's conversions do to NaN, to large numbers and to the last place is up
// to the adapter.
struct Params { n: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

//@if FROM == 'float32'
// Cut off towards zero; NaN becomes 0, and what is out of range the nearest number of the type.
fn convert(bits: u32) -> u32 {
  let negative = bits >= 0x80000000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u || magnitude < 0x3f800000u) { return 0u; }
  // |x| = mantissa · 2^(exponent - 150), at least 1.
  let exponent = magnitude >> 23u;
  let mantissa = (magnitude & 0x007fffffu) | 0x00800000u;
  //@if TO == 'int32'
  if (exponent >= 158u) { return select(0x7fffffffu, 0x80000000u, negative); }
  //@else
  if (negative) { return 0u; }
  if (exponent >= 159u) { return 0xffffffffu; }
  //@end
  var whole = mantissa;
  if (exponent < 150u) { whole = mantissa >> (150u - exponent); } else { whole = mantissa << (exponent - 150u); }
  return select(whole, ~whole + 1u, negative);
}
//@elif TO == 'float32'
fn convert(bits: u32) -> u32 {
  //@if FROM == 'int32'
  let sign = bits & 0x80000000u;
  //@else
  let sign = 0u;
  //@end
  let magnitude = select(bits, ~bits + 1u, sign != 0u);
  if (magnitude == 0u) { return 0u; }
  let zeros = countLeadingZeros(magnitude);
  let top = magnitude << zeros;
  // The 24 first bits, rounded half to even; a carry out of them is one of the exponent.
  let rest = top & 0xffu;
  let kept = top >> 8u;
  let up = select(0u, 1u, rest > 128u || (rest == 128u && (kept & 1u) == 1u));
  // The first of the 24 adds 1 to the exponent.
  return sign | (((157u - zeros) << 23u) + kept + up);
}
//@else
fn convert(bits: u32) -> u32 { return bits; }
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.n); i += @{WG}u) { y[i] = convert(x[i]); }
}
