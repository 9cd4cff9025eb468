// dx[n, c, iy, ix] = Σ dy[n, o, oy, ox] · w[o, c, ky, kx] over the outputs o of c's group and the taps with
// oy·stride + ky·dilation - pad = iy (ix alike): each input gathers, nothing is scattered.
// An invocation makes TILE input channels, so that it loads each dy once for all of them.
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(@{WG})
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linear_index(workgroup_id, num_workgroups, lane);
  if (i >= params.count) { return; }
  let tiles = (params.group_inputs + @{TILE - 1}u) / @{TILE}u;
  let ix = i % params.width;
  var rest = i / params.width;
  let iy = rest % params.height;
  rest /= params.height;
  let first = rest % tiles * @{TILE}u;
  rest /= tiles;
  let g = rest % params.groups;
  let n = rest / params.groups;

  let out_plane = params.out_height * params.out_width;
  let taps = params.kernel_height * params.kernel_width;
  let outputs = (n * params.groups + g) * params.group_outputs * out_plane;
  let weights = g * params.group_outputs * params.group_inputs * taps;
  //@for t in 0..TILE
  // Beyond the group's last channel the last one is read again and nothing is stored.
  let c@{t} = min(first + @{t}u, params.group_inputs - 1u);
  let w@{t} = weights + c@{t} * taps;
  var sum@{t} = 0.0;
  //@end
  let reach_y = iy + params.pad_top;
  let reach_x = ix + params.pad_left;
  for (var ky = 0u; ky < params.kernel_height && ky * params.dilation_h <= reach_y; ky++) {
    let start_y = reach_y - ky * params.dilation_h;
    let oy = start_y / params.stride_h;
    if (oy * params.stride_h != start_y || oy >= params.out_height) { continue; }
    for (var kx = 0u; kx < params.kernel_width && kx * params.dilation_w <= reach_x; kx++) {
      let start_x = reach_x - kx * params.dilation_w;
      let ox = start_x / params.stride_w;
      if (ox * params.stride_w != start_x || ox >= params.out_width) { continue; }
      var from_dy = outputs + oy * params.out_width + ox;
      var tap = ky * params.kernel_width + kx;
      for (var o = 0u; o < params.group_outputs; o++) {
        let v = dy[from_dy];
        //@for t in 0..TILE
        sum@{t} += v * w[w@{t} + tap];
        //@end
        from_dy += out_plane;
        tap += params.group_inputs * taps;
      }
    }
  }
  let plane = params.height * params.width;
  let to = (n * params.groups + g) * params.group_inputs * plane + iy * params.width + ix;
  //@for t in 0..TILE
  if (first + @{t}u < params.group_inputs) { dx[to + c@{t} * plane] = sum@{t}; }
  //@end
}
