// dx of each element is the sum of factor · dy over the windows whose maximum it is; factor is that of the fused dropout, 0 where
// `winner` says that the maximum was dropped.
struct Params {
  count: u32,
  units: u32,
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
  // The factor of the fused dropout, else 1.
  scale: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> winner: array<u32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

const NO_WINNER = 0x7fffffffu;
const DROPPED = 0x80000000u;

// dy of output `o` before the dropout.
fn before_dropout(o: u32) -> f32 {
  return dy[o] * select(params.scale, 0.0, (winner[o] & DROPPED) != 0u);
}

//@if BLOCKS
// Windows do not overlap: writes a block, the elements of one window and the gap up to the next one.
fn write_block(block: vec3u) {
  let plane = block.z * params.height * params.width;
  //@if TILE
  // Blocks of TILE × TILE cover the plane.
  let o = (block.z * params.out_height + block.x) * params.out_width + block.y;
  let won = winner[o] & ~DROPPED;
  let share = before_dropout(o);
  let at = (block.x * params.width + block.y) * @{TILE}u;
  //@for ky in 0..TILE
  //@for kx in 0..TILE
  dx[plane + at + @{ky}u * params.width + @{kx}u] = select(0.0, share, at + @{ky}u * params.width + @{kx}u == won);
  //@end
  //@end
  //@else
  var won = NO_WINNER;
  var share = 0.0;
  if (block.x < params.out_height && block.y < params.out_width) {
    let o = (block.z * params.out_height + block.x) * params.out_width + block.y;
    won = winner[o] & ~DROPPED;
    share = before_dropout(o);
  }
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
  //@end
}
//@else
fn gradient_at(position: vec3u) -> f32 {
  let at = position.x * params.width + position.y;
  let outputs = position.z * params.out_height * params.out_width;
  let rows = windows_over(position.x + params.pad_h, (params.kernel_height - 1u) * params.dilation_h + 1u, params.stride_h, params.out_height);
  let columns = windows_over(position.y + params.pad_w, (params.kernel_width - 1u) * params.dilation_w + 1u, params.stride_w, params.out_width);
  var total = 0.0;
  for (var oy = rows.x; oy < rows.y; oy++) {
    for (var ox = columns.x; ox < columns.y; ox++) {
      let o = outputs + oy * params.out_width + ox;
      if ((winner[o] & ~DROPPED) == at) { total += before_dropout(o); }
    }
  }
  return total;
}
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var unit = first; unit < min(first + @{WG * ITEMS}u, params.units); unit += @{WG}u) {
    //@if BLOCKS
    let size = vec2u(params.blocks_h, params.blocks_w);
    //@else
    let size = vec2u(params.height, params.width);
    //@end
    var position = position_of(unit * @{UNIT}u, size.x, size.y);
    for (var i = unit * @{UNIT}u; i < min(unit * @{UNIT}u + @{UNIT}u, params.count); i++) {
      //@if BLOCKS
      write_block(position);
      //@else
      dx[i] = gradient_at(position);
      //@end
      position = next_position(position, size.x, size.y);
    }
  }
}
