// total += x · weight, one number: one invocation, so that the order is fixed.
struct Params { weight: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> total: array<f32>;

@compute @workgroup_size(1)
fn main() {
  total[0] += x[0] * params.weight;
}
