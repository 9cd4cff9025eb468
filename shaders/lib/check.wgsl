// Checks of numbers that only the GPU knows: see src/runtime/gpu-checks.ts. CHECKS is the binding of the words, 0 for a kernel without.
//@if CHECKS
struct Params { check: u32, }
@group(0) @binding(@{CHECKS}) var<storage, read_write> checks: array<atomic<u32>>;

// `found` is not 0; the largest counts.
fn report(found: u32) { atomicMax(&checks[params.check], found); }
//@end
