// What the general kernels know of a convolution besides its window; `count` is the number of invocations.
struct Params {
  count: u32,
  batch: u32,
  groups: u32,
  // Channels of a group.
  group_inputs: u32,
  group_outputs: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
