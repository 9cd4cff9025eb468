// Mean and M2 = Σ (input - mean)² of each slice of a channel. Eight elements at a time are centred in registers and then
// merged, so that a mean far from 0 costs no digits.
struct Params { batch: u32, channels: u32, inner: u32, batch_slices: u32, inner_slices: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.channels * params.batch_slices * params.inner_slices) { return; }
  var slice = slice_at(i);
  var total = Moments(0.0, 0.0, 0.0);
  var left = slice.count;
  for (; left >= 8u; left -= 8u) {
    var sum = 0.0;
    //@for k in 0..8
    let v@{k} = input_at(slice.row + slice.l);
    sum += v@{k};
    advance(&slice);
    //@end
    let mean = sum * 0.125;
    var m2 = 0.0;
    //@for k in 0..8
    m2 += (v@{k} - mean) * (v@{k} - mean);
    //@end
    total = merge(total, Moments(8.0, mean, m2));
  }
  for (; left > 0u; left--) {
    total = merge(total, Moments(1.0, input_at(slice.row + slice.l), 0.0));
    advance(&slice);
  }
  partial[2u * i] = total.mean;
  partial[2u * i + 1u] = total.m2;
}
