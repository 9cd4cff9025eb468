// Σ dy and Σ dy · (input - mean) of a part of each channel, one part for each workgroup: partial[channel][part].
struct Params {
  batch: u32,
  channels: u32,
  inner: u32,
  batch_slices: u32,
  inner_slices: u32,
  parts: u32,
  //@if DROPOUT
  seed_low: u32,
  seed_high: u32,
  offset_low: u32,
  offset_high: u32,
  p: f32,
  dropout_scale: f32,
  //@end
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> stats: array<f32>;
@group(0) @binding(4) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.y * groups.x + group.x;
  if (i >= params.channels * params.parts) { return; }
  let channel = i / params.parts;
  let part = i % params.parts;
  let totals = join_lanes(lane, slice_state(channel, slice_at(channel, part * @{WG}u + lane)));
  if (lane > 0u) { return; }
  //@for c in 0..CHANNELS
  let at@{c} = ((channel * @{CHANNELS}u + @{c}u) * params.parts + part) * 2u;
  partial[at@{c}] = totals[@{c}].x;
  partial[at@{c} + 1u] = totals[@{c}].y;
  //@end
}
