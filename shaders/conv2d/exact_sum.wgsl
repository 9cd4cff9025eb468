// An element of a convolution as the sum of its terms alone. The kernels that let zeros stand for what lies beyond
// the edges compute those elements again that came out as NaN: zero times infinity is NaN, where there should be no
// term.
//
// `image` is where the image begins in `source`, (y, x) the pixel of it that tap (0, 0) meets, not yet divided by the
// stride (STRIDED), `weights` where the weight of tap (0, 0) of the first channel lies. Params holds `channels`, the
// source's.
fn exact_sum(image: u32, y: u32, x: u32, weights: u32, weight_channel: u32, weight_tap: u32) -> f32 {
  var sum = 0.0;
  for (var c = 0u; c < params.channels; c++) {
    let plane = image + c * params.height * params.width;
    for (var ky = 0u; ky < params.kernel_height; ky++) {
      for (var kx = 0u; kx < params.kernel_width; kx++) {
        var row = y + ky * params.dilation_h;
        var column = x + kx * params.dilation_w;
        //@if STRIDED
        let outside = max(row, column) >= 0x80000000u;
        if (outside || row % params.divisor_h + column % params.divisor_w > 0u) { continue; }
        row /= params.divisor_h;
        column /= params.divisor_w;
        //@end
        if (row >= params.height || column >= params.width) { continue; }
        let tap = ky * params.kernel_width + kx;
        let w = weight[weights + c * weight_channel + tap * weight_tap];
        sum = fma(source[plane + row * params.width + column], w, sum);
      }
    }
  }
  return sum;
}
