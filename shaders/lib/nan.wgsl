// For one float; ieee.wgsl has the like for vectors.
// By the bits: compilers may assume that no float is NaN or infinite, and drop a comparison that asks for it.
fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }
fn is_finite(v: f32) -> bool { return (bitcast<u32>(v) & 0x7f800000u) != 0x7f800000u; }
