// y[i] = byte i · scale + shift: four bytes come in each u32, lowest first. Four outputs an invocation.
struct Params { n: u32, scale: f32, shift: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> bytes: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let word = linear_index(group, groups, lane);
  if (word * 4u >= params.n) { return; }
  let four = bytes[word];
  for (var k = 0u; k < 4u; k++) {
    let i = word * 4u + k;
    if (i < params.n) { y[i] = f32((four >> (8u * k)) & 0xffu) * params.scale + params.shift; }
  }
}
