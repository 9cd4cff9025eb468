// out[i] = Σ_s partial[s][i], and the same for a second pair where there is one (PAIR): the second pass of sums that were split.
struct Params { slices: u32, first: u32, second: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
//@if PAIR
@group(0) @binding(3) var<storage, read> second_partial: array<f32>;
@group(0) @binding(4) var<storage, read_write> second_out: array<f32>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i < params.first) {
    var total = 0.0;
    for (var s = 0u; s < params.slices; s++) { total += partial[s * params.first + i]; }
    out[i] = total;
    return;
  }
  //@if PAIR
  let j = i - params.first;
  if (j < params.second) {
    var total = 0.0;
    for (var s = 0u; s < params.slices; s++) { total += second_partial[s * params.second + j]; }
    second_out[j] = total;
  }
  //@end
}
