// Convolution of stride and dilation 1 for adapters where a load is dear and a broadcast cheap. A workgroup is one
// subgroup of LANES invocations and holds ROWS x WIDTH output pixels of LANES channels in registers, lanes over the
// channels: the lanes load each input row once and broadcast its pixels. Loads are clamped to the tensor, stores
// guarded. FLIP reads the weight as that of the transposed convolution (gradient to the input): channels swapped and
// taps in reverse order.
struct Params {
  tiles: u32,
  x_tiles: u32,
  y_tiles: u32,
  o_tiles: u32,
  channels: u32,
  outputs: u32,
  has_bias: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
// Read where has_bias is 1; else any buffer stands in.
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;

//@let SPAN = WIDTH + KW - 1
//@let VECTORS = (SPAN + LANES - 1) / LANES

@compute @workgroup_size(@{LANES})
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = workgroup_id.y * num_workgroups.x + workgroup_id.x;
  if (tile >= params.tiles) { return; }
  let x0 = tile % params.x_tiles * @{WIDTH}u;
  let o = tile / params.x_tiles % params.o_tiles * @{LANES}u + lane;
  let y0 = tile / params.x_tiles / params.o_tiles % params.y_tiles * @{ROWS}u;
  let entry = tile / params.x_tiles / params.o_tiles / params.y_tiles;
  let height = i32(params.height);
  let width = i32(params.width);
  let channels = params.channels;
  let plane = params.height * params.width;
  let top = i32(y0 - params.pad_top);
  let channel = min(o, params.outputs - 1u);

  //@for v in 0..VECTORS
  let px@{v} = i32(x0 + lane - params.pad_left) + @{v * LANES};
  let inside@{v} = px@{v} >= 0 && px@{v} < width;
  let clamped@{v} = u32(clamp(px@{v}, 0, width - 1));
  //@end
  //@for i in 0..ROWS + KH - 1
  let has@{i} = top + @{i} >= 0 && top + @{i} < height;
  let row@{i} = u32(clamp(top + @{i}, 0, height - 1)) * params.width;
  //@end
  //@for r in 0..ROWS
  //@for p in 0..WIDTH
  var s@{r}_@{p} = 0.0;
  //@end
  //@end
  for (var c = 0u; c < channels; c++) {
    //@if FLIP
    let weights = (c * params.outputs + channel) * @{KH * KW}u;
    //@else
    let weights = (channel * channels + c) * @{KH * KW}u;
    //@end
    let base = (entry * channels + c) * plane;
    //@for i in 0..ROWS + KH - 1
    //@for v in 0..VECTORS
    let v@{i}_@{v} = select(0.0, source[base + row@{i} + clamped@{v}], inside@{v} && has@{i});
    //@end
    //@end
    //@for i in 0..ROWS + KH - 1
    //@for j in 0..SPAN
    let b@{i}_@{j} = subgroupBroadcast(v@{i}_@{j / LANES}, @{j % LANES}u);
    //@end
    //@end
    //@for t in 0..KH * KW
    //@if FLIP
    let k@{t} = weight[weights + @{KH * KW - 1 - t}u];
    //@else
    let k@{t} = weight[weights + @{t}u];
    //@end
    //@end
    // One sum after the other, each through all taps: it is then in a register while it grows.
    //@for r in 0..ROWS
    //@for p in 0..WIDTH
    //@for ky in 0..KH
    //@for kx in 0..KW
    s@{r}_@{p} = fma(b@{r + ky}_@{p + kx}, k@{ky * KW + kx}, s@{r}_@{p});
    //@end
    //@end
    //@end
    //@end
  }
  let out_plane = params.out_height * params.out_width;
  if (o >= params.outputs) { return; }
  var shift = 0.0;
  if (params.has_bias == 1u) { shift = bias[o]; }
  let first = (entry * params.outputs + o) * out_plane + y0 * params.out_width + x0;
  //@for r in 0..ROWS
  if (y0 + @{r}u < params.out_height) {
    let at = first + @{r}u * params.out_width;
    //@for p in 0..WIDTH
    if (x0 + @{p}u < params.out_width) { result[at + @{p}u] = activated(s@{r}_@{p} + shift); }
    //@end
  }
  //@end
  // The sum of all sums is NaN where one of them is.
  var all = 0.0;
  //@for r in 0..ROWS
  //@for p in 0..WIDTH
  all += s@{r}_@{p};
  //@end
  //@end
  if (!is_nan(all)) { return; }
  let image = entry * channels * plane;
  //@if FLIP
  let from_weight = vec3u(channel * @{KH * KW}u + @{KH * KW - 1}u, params.outputs * @{KH * KW}u, 0xffffffffu);
  //@else
  let from_weight = vec3u(channel * channels * @{KH * KW}u, @{KH * KW}u, 1u);
  //@end
  for (var r = 0u; r < min(@{ROWS}u, params.out_height - y0); r++) {
    for (var p = 0u; p < min(@{WIDTH}u, params.out_width - x0); p++) {
      let at = first + r * params.out_width + p;
      if (!is_nan(result[at])) { continue; }
      let y = y0 + r - params.pad_top;
      let x = x0 + p - params.pad_left;
      result[at] = activated(exact_sum(image, y, x, from_weight.x, from_weight.y, from_weight.z) + shift);
    }
  }
}
