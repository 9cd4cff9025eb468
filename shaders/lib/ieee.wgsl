// IEEE's special values in V, U and M of vector.wgsl. WGSL lets compilers assume that NaN and infinity do not exist, so they are
// found, made and passed on by their bits, never by a comparison.
const INFINITY_BITS = 0x7f800000u;
const NAN_BITS = 0x7fc00000u;

fn is_nan(bits: U) -> M { return (bits & U(0x7fffffffu)) > U(INFINITY_BITS); }

// `value`, but NaN where `bits` are one: what functions of the hardware make of NaN differs.
fn or_nan(bits: U, value: V) -> V { return bitcast<V>(select(bitcast<U>(value), bits, is_nan(bits))); }

// `value`, but NaN where `invalid`.
fn nan_where(invalid: M, value: V) -> V { return bitcast<V>(select(bitcast<U>(value), U(NAN_BITS), invalid)); }

// Whether the bits are those of a number above 0, infinity included.
fn is_positive(bits: U) -> M { return bits - U(1u) < U(INFINITY_BITS); }

// Whether the bits are those of a number below 0 or of a NaN with a sign.
fn is_negative(bits: U) -> M { return bits > U(0x80000000u); }

//@if FLOATS
// log(v) of the number with these bits. Adapters have log(-1) = 0, a finite log(0), and one number for all denormals: those are
// whole multiples of 2^-149, so that log(v) = log(bits) - 149 · log(2).
fn ieee_log(bits: U, v: V) -> V {
  let denormal = bits < U(0x00800000u);
  let value = log(select(v, V(bits), denormal)) - select(V(0.0), V(103.27892990343184), denormal);
  var result = select(bitcast<U>(value), bits, bits >= U(INFINITY_BITS));
  result = select(result, U(0xff800000u), (bits & U(0x7fffffffu)) == U(0u));
  return bitcast<V>(select(result, U(NAN_BITS), is_negative(bits)));
}
//@end

// Keys that order floats as unsigned integers: -0 and 0 are equal, NaN is the largest.
fn order_keys(bits: U) -> U {
  let magnitude = bits & U(0x7fffffffu);
  let keys = select(U(0x80000000u) + magnitude, U(0x80000000u) - magnitude, magnitude != bits);
  return select(keys, U(0xffffffffu), magnitude > U(INFINITY_BITS));
}
