// y[i] = value, start + i * step, or the identity matrix; the bits of `value` and `step` are those of the element type.
struct Params { n: u32, columns: u32, value: @{T}, step: @{T} }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<@{T}>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  //@if KIND == 'range'
  y[i] = params.value + @{T}(i) * params.step;
  //@elif KIND == 'eye'
  y[i] = select(@{T}(0), @{T}(1), i / params.columns == i % params.columns);
  //@else
  y[i] = params.value;
  //@end
}
