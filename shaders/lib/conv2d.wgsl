// The sizes of a convolution, for all of its kernels; `count` is the number of invocations.
struct Params {
  count: u32,
  batch: u32,
  groups: u32,
  group_inputs: u32,
  group_outputs: u32,
  height: u32,
  width: u32,
  out_height: u32,
  out_width: u32,
  kernel_height: u32,
  kernel_width: u32,
  stride_h: u32,
  stride_w: u32,
  dilation_h: u32,
  dilation_w: u32,
  pad_top: u32,
  pad_left: u32,
  relu: u32,
  //@if SLICED
  slice_rows: u32,
  //@end
}
@group(0) @binding(0) var<uniform> params: Params;
