// Count, mean and M2 of a part of each channel, one part for each workgroup: partial[channel][part].
struct Params {
  batch: u32,
  channels: u32,
  inner: u32,
  batch_slices: u32,
  inner_slices: u32,
  parts: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;
//@if TRACKED
@group(0) @binding(3) var<storage, read_write> batches_tracked: array<i32>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.y * groups.x + group.x;
  if (i >= params.channels * params.parts) { return; }
  let total = join_lanes(lane, slice_state(slice_at(i / params.parts, i % params.parts * @{WG}u + lane)))[0];
  if (lane > 0u) { return; }
  partial[3u * i] = total.count;
  partial[3u * i + 1u] = total.mean;
  partial[3u * i + 2u] = total.m2;
  //@if TRACKED
  if (i == 0u) { batches_tracked[0]++; }
  //@end
}
