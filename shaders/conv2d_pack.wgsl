// Weights as the row kernels read them: packed[(c · KH + y) · KW + x][o], o padded with zeros to a multiple of the tile.
// FLIP: of the convolution's transpose (input gradient): channels swapped and taps turned round.
struct Params { n: u32, taps: u32, inputs: u32, outputs: u32, padded: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> packed: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let o = i % params.padded;
  let tap = i / params.padded % params.taps;
  let c = i / params.padded / params.taps;
  var value = 0.0;
  if (o < params.outputs) {
    //@if FLIP
    value = weight[(c * params.outputs + o) * params.taps + params.taps - 1u - tap];
    //@else
    value = weight[(o * params.inputs + c) * params.taps + tap];
    //@end
  }
  packed[i] = value;
}
