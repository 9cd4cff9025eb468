// sin and cos of any float, by integers and polynomials alone: WGSL's own have an error of 2^-11, and only within ±pi.

//@if OP == 'sin' || OP == 'cos'
// 32 zeros, and the bits of 2 / pi after the point.
const TWO_OVER_PI = array<u32, 8>(
  0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu,
);

// sin(v + turns · pi / 2) of a finite v, turns 0 or 1. The argument is reduced by Payne and Hanek's method (1983): of |v| · 2 / pi the last
// two bits before the point and 62 after it.
fn sine(v: f32, turns: u32) -> f32 {
  let bits = bitcast<u32>(v);
  let size = bits & 0x7fffffffu;
  // Of |v|, where an odd sine needs the sign.
  var r = bitcast<f32>(size);
  var quadrant = turns;
  // pi / 4
  if (size > 0x3f490fdau) {
    // |v| = m · 2^e. Bits of 2 / pi that m · 2^e makes multiples of 4 do not matter: the first that does is number e - 1.
    let m = (size & 0x007fffffu) | 0x00800000u;
    let first = (size >> 23u) - 120u;
    let word = first / 32u;
    let shift = first % 32u;
    var table = TWO_OVER_PI;
    let a = (table[word] << shift) | ((table[word + 1u] >> 1u) >> (31u - shift));
    let b = (table[word + 1u] << shift) | ((table[word + 2u] >> 1u) >> (31u - shift));
    let c = (table[word + 2u] << shift) | ((table[word + 3u] >> 1u) >> (31u - shift));
    let low = mul_wide(c, m).y;
    let middle = mul_wide(b, m);
    let sum = middle.x + low;
    let high = a * m + middle.y + select(0u, 1u, sum < low);
    quadrant += high >> 30u;
    var whole = (high << 2u) | (sum >> 30u);
    var rest = sum << 2u;
    // To the nearest quarter turn, so that |r| <= pi / 4.
    let back = whole >= 0x80000000u;
    if (back) {
      quadrant += 1u;
      rest = ~rest + 1u;
      whole = ~whole + select(0u, 1u, rest == 0u);
    }
    // No float is nearer to a multiple of pi / 2 than 2^-30.
    let zeros = min(countLeadingZeros(whole), 31u);
    let top = (whole << zeros) | ((rest >> 1u) >> (31u - zeros));
    // top · 2^(-32 - zeros)
    r = f32(top) * bitcast<f32>((95u - zeros) << 23u) * 1.5707963267948966;
    r = select(r, -r, back);
  }
  // The polynomials of Cephes' sinf and cosf (Moshier), for |r| <= pi / 4.
  let s = r * r;
  let odd = r + r * s * (-1.6666654611e-1 + s * (8.3321608736e-3 - s * 1.9515295891e-4));
  let even = 1.0 - 0.5 * s + s * s * (4.166664568298827e-2 + s * (-1.388731625493765e-3 + s * 2.443315711809948e-5));
  let value = select(odd, even, (quadrant & 1u) == 1u);
  let negative = ((quadrant & 2u) == 2u) != (turns == 0u && bits >= 0x80000000u);
  return select(value, -value, negative);
}
fn sines(v: V, turns: u32) -> V {
  let endless = (bitcast<U>(v) & U(0x7fffffffu)) >= U(INFINITY_BITS);
  //@if VEC == 4
  return nan_where(endless, V(sine(v.x, turns), sine(v.y, turns), sine(v.z, turns), sine(v.w, turns)));
  //@else
  return nan_where(endless, sine(v, turns));
  //@end
}
//@end
