// y = counts[0] / counts[1]; 0 where there is nothing to divide by, and 1 exactly for equal counts.
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(1)
fn main() {
  let ratio = f32(counts[0]) / f32(max(counts[1], 1u));
  y[0] = select(ratio, 1.0, counts[0] == counts[1] && counts[1] > 0u);
}
