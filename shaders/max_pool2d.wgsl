// y = the largest element of each window, and where it lies in its plane (the first of equal ones; a NaN counts as largest,
// as in PyTorch). GRAD: dx of each element adds up the dy of the windows that it has won.
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
  dilation_h: u32,
  dilation_w: u32,
  pad_h: u32,
  pad_w: u32,
  blocks_h: u32,
  blocks_w: u32,
  // Bits of the result of a window whose taps all miss the plane, -Infinity as in PyTorch; WGSL has no literal for it.
  nothing: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
const NOWHERE = 0xffffffffu;
//@if GRAD
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> winner: array<u32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.count); i += @{WG}u) {
    //@if BLOCKS
    // Windows apart: one invocation writes a block, a window's place with the gap up to the next one.
    let block = place_of(i, params.blocks_h, params.blocks_w);
    var won = NOWHERE;
    var share = 0.0;
    if (block.x < params.out_height && block.y < params.out_width) {
      let o = (block.z * params.out_height + block.x) * params.out_width + block.y;
      won = winner[o];
      share = dy[o];
    }
    let plane = block.z * params.height * params.width;
    for (var ky = 0u; ky < params.stride_h; ky++) {
      // Above the plane the difference wraps around to a number larger than any height.
      let iy = block.x * params.stride_h + ky - params.pad_h;
      if (iy >= params.height) { continue; }
      for (var kx = 0u; kx < params.stride_w; kx++) {
        let ix = block.y * params.stride_w + kx - params.pad_w;
        let at = iy * params.width + ix;
        if (ix < params.width) { dx[plane + at] = select(0.0, share, at == won); }
      }
    }
    //@else
    let place = place_of(i, params.height, params.width);
    let at = place.x * params.width + place.y;
    let outputs = place.z * params.out_height * params.out_width;
    let rows = windows_over(place.x + params.pad_h, (params.kernel_height - 1u) * params.dilation_h + 1u, params.stride_h, params.out_height);
    let columns = windows_over(place.y + params.pad_w, (params.kernel_width - 1u) * params.dilation_w + 1u, params.stride_w, params.out_width);
    var total = 0.0;
    for (var oy = rows.x; oy < rows.y; oy++) {
      for (var ox = columns.x; ox < columns.y; ox++) {
        let o = outputs + oy * params.out_width + ox;
        if (winner[o] == at) { total += dy[o]; }
      }
    }
    dx[i] = total;
    //@end
  }
}
//@else
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> winner: array<u32>;

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.count); i += @{WG}u) {
    let place = place_of(i, params.out_height, params.out_width);
    let plane = place.z * params.height * params.width;
    var best = bitcast<f32>(params.nothing);
    var best_at = NOWHERE;
    var nan = false;
    for (var ky = 0u; ky < params.kernel_height; ky++) {
      // Above the plane the difference wraps around to a number larger than any height.
      let iy = place.x * params.stride_h + ky * params.dilation_h - params.pad_h;
      if (iy >= params.height) { continue; }
      for (var kx = 0u; kx < params.kernel_width; kx++) {
        let ix = place.y * params.stride_w + kx * params.dilation_w - params.pad_w;
        if (ix >= params.width) { continue; }
        let at = iy * params.width + ix;
        let v = x[plane + at];
        let v_nan = (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
        if (v_nan || (!nan && (best_at == NOWHERE || v > best))) {
          best = v;
          best_at = at;
          nan = v_nan;
        }
      }
    }
    y[i] = best;
    winner[i] = best_at;
  }
}
//@end
