// The planes of a convolution and the window that moves over them: at the output's pixel (oy, ox), tap (ky, kx) lies
// on the input's row iy = oy · stride_h + ky · dilation_h - pad_top, on column ix alike. A row above the input wraps
// around to a number that is larger than any height.
struct Params {
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
}
