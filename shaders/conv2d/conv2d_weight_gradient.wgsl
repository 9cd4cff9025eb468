// dw[s, o, c, ky, kx] = Σ dy[n, o, oy, ox] · x[n, c, iy, ix] with the input's element (iy, ix) that window.wgsl
// tells, over the output rows (n, oy) of slice s; another pass adds up the slices. Each row has a sum of its own:
// short sums are accurate. An invocation makes TILE output channels, so that it loads each x once for all of them.
struct Params {
  slice_rows: u32,
}
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dw: array<f32>;

@compute @workgroup_size(@{WG})
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linear_index(workgroup_id, num_workgroups, lane);
  if (i >= params.count) { return; }
  let tiles = (params.group_outputs + @{TILE - 1}u) / @{TILE}u;
  let kx = i % params.kernel_width;
  var rest = i / params.kernel_width;
  let ky = rest % params.kernel_height;
  rest /= params.kernel_height;
  let c = rest % params.group_inputs;
  rest /= params.group_inputs;
  let first = rest % tiles * @{TILE}u;
  rest /= tiles;
  let g = rest % params.groups;
  let slice = rest / params.groups;

  let out_plane = params.out_height * params.out_width;
  let outputs = params.groups * params.group_outputs;
  // The columns ox whose ix = ox·stride + right - pad lies in the image: ox_begin ..< ox_end.
  let right = kx * params.dilation_w;
  let last = params.width - 1u + params.pad_left;
  let missing = params.pad_left - right;
  let ox_begin = select(0u, (missing + params.stride_w - 1u) / params.stride_w, right < params.pad_left);
  let ox_end = select(0u, min(params.out_width, (last - right) / params.stride_w + 1u), right <= last);
  //@for t in 0..TILE
  // Beyond the group's last channel the last one is read again and nothing is stored.
  let o@{t} = g * params.group_outputs + min(first + @{t}u, params.group_outputs - 1u);
  var sum@{t} = 0.0;
  //@end
  let end = min(params.batch * params.out_height, (slice + 1u) * params.slice_rows);
  for (var row = slice * params.slice_rows; row < end; row++) {
    let n = row / params.out_height;
    let oy = row % params.out_height;
    let iy = oy * params.stride_h + ky * params.dilation_h - params.pad_top;
    if (iy >= params.height) { continue; }
    let channel = (n * params.groups + g) * params.group_inputs + c;
    var from_x = (channel * params.height + iy) * params.width + ox_begin * params.stride_w + right - params.pad_left;
    let from_dy = n * outputs * out_plane + oy * params.out_width;
    //@for t in 0..TILE
    let dy@{t} = from_dy + o@{t} * out_plane;
    var row@{t} = 0.0;
    //@end
    for (var ox = ox_begin; ox < ox_end; ox++) {
      let v = x[from_x];
      //@for t in 0..TILE
      row@{t} += v * dy[dy@{t} + ox];
      //@end
      from_x += params.stride_w;
    }
    //@for t in 0..TILE
    sum@{t} += row@{t};
    //@end
  }
  let to = ((slice * outputs * params.group_inputs + c) * params.kernel_height + ky) * params.kernel_width + kx;
  //@for t in 0..TILE
  if (first + @{t}u < params.group_outputs) {
    dw[to + o@{t} * params.group_inputs * params.kernel_height * params.kernel_width] = sum@{t};
  }
  //@end
}
