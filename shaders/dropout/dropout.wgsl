// y = x · dropout_scale where the element survives, else 0. The gradient is the same function of dy, from the same counter.
struct Params {
  n: u32,
  blocks: u32,
  seed_low: u32,
  seed_high: u32,
  offset_low: u32,
  offset_high: u32,
  p: f32,
  dropout_scale: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var block = first; block < min(first + @{WG * ITEMS}u, params.blocks); block += @{WG}u) {
    let factors = dropout_factors(block);
    //@for k in 0..4
    {
      let i = block * 4u + @{k}u;
      if (i < params.n) { y[i] = x[i] * factors[@{k}]; }
    }
    //@end
  }
}
