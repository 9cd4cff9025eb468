// y = the mean of each window; `count_padding`: zeros of the padding count as elements. GRAD: dx of each element is the sum of
// dy / (elements of the window) over the windows that cover it; x is dy and y is dx.
struct Params {
  count: u32,
  height: u32,
  width: u32,
  out_height: u32,
  out_width: u32,
  kernel_height: u32,
  kernel_width: u32,
  stride_h: u32,
  stride_w: u32,
  pad_h: u32,
  pad_w: u32,
  blocks_h: u32,
  blocks_w: u32,
  count_padding: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// The part of window `o` that lies on the plane, begin ..< end; never empty, as the padding is at most half the kernel.
fn rows_of(o: u32) -> vec2u {
  let begin = o * params.stride_h;
  return vec2u(max(begin, params.pad_h), min(begin + params.kernel_height, params.pad_h + params.height)) - params.pad_h;
}

fn columns_of(o: u32) -> vec2u {
  let begin = o * params.stride_w;
  return vec2u(max(begin, params.pad_w), min(begin + params.kernel_width, params.pad_w + params.width)) - params.pad_w;
}

fn elements(rows: vec2u, columns: vec2u) -> f32 {
  let inside = (rows.y - rows.x) * (columns.y - columns.x);
  return f32(select(inside, params.kernel_height * params.kernel_width, params.count_padding == 1u));
}

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.count) { return; }
  //@if GRAD
  //@if BLOCKS
  // Windows do not overlap: one invocation writes a block, the elements of one window and the gap up to the next one.
  let block = position_of(i, params.blocks_h, params.blocks_w);
  var share = 0.0;
  if (block.x < params.out_height && block.y < params.out_width) {
    share = x[(block.z * params.out_height + block.x) * params.out_width + block.y] / elements(rows_of(block.x), columns_of(block.y));
  }
  let plane = block.z * params.height * params.width;
  for (var ky = 0u; ky < params.stride_h; ky++) {
    // Above the plane the difference wraps around to a number larger than any height.
    let iy = block.x * params.stride_h + ky - params.pad_h;
    if (iy >= params.height) { continue; }
    for (var kx = 0u; kx < params.stride_w; kx++) {
      let ix = block.y * params.stride_w + kx - params.pad_w;
      if (ix >= params.width) { continue; }
      y[plane + iy * params.width + ix] = select(0.0, share, ky < params.kernel_height && kx < params.kernel_width);
    }
  }
  //@else
  let position = position_of(i, params.height, params.width);
  let outputs = position.z * params.out_height * params.out_width;
  let over_y = windows_over(position.x + params.pad_h, params.kernel_height, params.stride_h, params.out_height);
  let over_x = windows_over(position.y + params.pad_w, params.kernel_width, params.stride_w, params.out_width);
  var total = 0.0;
  for (var oy = over_y.x; oy < over_y.y; oy++) {
    for (var ox = over_x.x; ox < over_x.y; ox++) {
      total += x[outputs + oy * params.out_width + ox] / elements(rows_of(oy), columns_of(ox));
    }
  }
  y[i] = total;
  //@end
  //@else
  let position = position_of(i, params.out_height, params.out_width);
  let rows = rows_of(position.x);
  let columns = columns_of(position.y);
  let plane = position.z * params.height * params.width;
  var total = 0.0;
  for (var iy = rows.x; iy < rows.y; iy++) {
    // Each row has a sum of its own: short sums are accurate.
    var row = 0.0;
    for (var ix = columns.x; ix < columns.y; ix++) { row += x[plane + iy * params.width + ix]; }
    total += row;
  }
  y[i] = total / elements(rows, columns);
  //@end
}
