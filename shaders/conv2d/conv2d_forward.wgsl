// y[n, o, oy, ox] = bias[o] + Σ x[n, c, iy, ix] · w[o, c, ky, kx] with the input's element (iy, ix) that window.wgsl
// tells, over the channels c of o's group. An invocation makes TILE output channels, so that it loads each x once for
// all of them.
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
//@if BIAS
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
//@else
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
//@end

@compute @workgroup_size(@{WG})
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linear_index(workgroup_id, num_workgroups, lane);
  if (i >= params.count) { return; }
  let tiles = (params.group_outputs + @{TILE - 1}u) / @{TILE}u;
  let ox = i % params.out_width;
  var rest = i / params.out_width;
  let oy = rest % params.out_height;
  rest /= params.out_height;
  let first = rest % tiles * @{TILE}u;
  rest /= tiles;
  let g = rest % params.groups;
  let n = rest / params.groups;

  let plane = params.height * params.width;
  let taps = params.kernel_height * params.kernel_width;
  let image = (n * params.groups + g) * params.group_inputs * plane;
  //@for t in 0..TILE
  // Beyond the group's last channel the last one is read again and nothing is stored.
  let o@{t} = g * params.group_outputs + min(first + @{t}u, params.group_outputs - 1u);
  let w@{t} = o@{t} * params.group_inputs * taps;
  var sum@{t} = 0.0;
  //@end
  for (var ky = 0u; ky < params.kernel_height; ky++) {
    let iy = oy * params.stride_h + ky * params.dilation_h - params.pad_top;
    if (iy >= params.height) { continue; }
    for (var kx = 0u; kx < params.kernel_width; kx++) {
      let ix = ox * params.stride_w + kx * params.dilation_w - params.pad_left;
      if (ix >= params.width) { continue; }
      var from_x = image + iy * params.width + ix;
      var tap = ky * params.kernel_width + kx;
      for (var c = 0u; c < params.group_inputs; c++) {
        let v = x[from_x];
        //@for t in 0..TILE
        sum@{t} += v * w[w@{t} + tap];
        //@end
        from_x += plane;
        tap += taps;
      }
    }
  }
  let out_plane = params.out_height * params.out_width;
  let to = n * params.groups * params.group_outputs * out_plane + oy * params.out_width + ox;
  //@for t in 0..TILE
  if (first + @{t}u < params.group_outputs) {
    //@if BIAS
    sum@{t} += bias[o@{t}];
    //@end
    y[to + o@{t} * out_plane] = activated(sum@{t});
  }
  //@end
}
