// Weight gradient of a convolution of stride and dilation 1, for adapters where a load is dear and a broadcast cheap.
// A workgroup is one subgroup of LANES invocations; it sums CHANNELS input channels x KH · KW taps in registers,
// lanes over the output channels, for a slice of the batch. It walks the input's rows once and holds the KH rows of
// the gradient that meet each of them. It leaves partial[slice, o, c, tap] and, in the workgroups of the first
// channels, partial_bias[slice, o], the sum of the gradient; another pass adds up the slices.
struct Params {
  tiles: u32,
  c_tiles: u32,
  o_tiles: u32,
  batch: u32,
  // In a slice.
  images: u32,
  channels: u32,
  outputs: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;
@group(0) @binding(4) var<storage, read_write> partial_bias: array<f32>;

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
  let o = tile % params.o_tiles * @{LANES}u + lane;
  let c0 = tile / params.o_tiles % params.c_tiles * @{CHANNELS}u;
  let slice = tile / params.o_tiles / params.c_tiles;
  let height = i32(params.height);
  let width = i32(params.width);
  let out_height = i32(params.out_height);
  let out_width = params.out_width;
  let pad_top = i32(params.pad_top);
  let plane = params.height * params.width;
  let out_plane = params.out_height * out_width;
  let from_o = min(o, params.outputs - 1u) * out_plane;
  //@for i in 0..CHANNELS
  let plane@{i} = min(c0 + @{i}u, params.channels - 1u) * plane;
  //@end
  //@for i in 0..CHANNELS
  //@for t in 0..KH * KW
  var s@{i}_@{t} = 0.0;
  //@end
  //@end
  var bias = 0.0;
  for (var entry = slice * params.images; entry < min((slice + 1u) * params.images, params.batch); entry++) {
    let image = entry * params.channels * plane;
    let up = entry * params.outputs * out_plane + from_o;
    for (var x0 = 0u; x0 < out_width; x0 += @{WIDTH}u) {
      //@for v in 0..VECTORS
      let px@{v} = i32(x0 + lane - params.pad_left) + @{v * LANES};
      let inside@{v} = px@{v} >= 0 && px@{v} < width;
      let clamped@{v} = u32(clamp(px@{v}, 0, width - 1));
      //@end
      // Before row y of the input, g0 is the gradient's row y - 1 + pad_top, g1 the one above it, …
      //@for k in 0..KH
      //@for p in 0..WIDTH
      var g@{k}_@{p} = 0.0;
      //@end
      //@end
      //@for k in 0..KH - 1
      {
        let r = pad_top - 1 - @{k};
        if (r >= 0 && r < out_height) {
          let row = up + u32(r) * out_width + x0;
          var short = 0.0;
          //@for p in 0..WIDTH
          if (x0 + @{p}u < out_width) { g@{k}_@{p} = gradient[row + @{p}u]; }
          short += g@{k}_@{p};
          //@end
          bias += short;
        }
      }
      //@end
      for (var y = 0; y < height; y++) {
        //@for j in 1..KH
        //@let k = KH - j
        //@for p in 0..WIDTH
        g@{k}_@{p} = g@{k - 1}_@{p};
        //@end
        //@end
        let r = y + pad_top;
        if (r < out_height) {
          let row = up + u32(r) * out_width + x0;
          var short = 0.0;
          //@for p in 0..WIDTH
          if (x0 + @{p}u < out_width) { g0_@{p} = gradient[row + @{p}u]; }
          short += g0_@{p};
          //@end
          bias += short;
        } else {
          //@for p in 0..WIDTH
          g0_@{p} = 0.0;
          //@end
        }
        let from_row = image + u32(y) * params.width;
        //@for i in 0..CHANNELS
        {
          //@for v in 0..VECTORS
          let v@{v} = select(0.0, input[from_row + plane@{i} + clamped@{v}], inside@{v});
          //@end
          //@for j in 0..SPAN
          let b@{j} = subgroupBroadcast(v@{j / LANES}, @{j % LANES}u);
          //@end
          //@for ky in 0..KH
          //@for kx in 0..KW
          //@for p in 0..WIDTH
          s@{i}_@{ky * KW + kx} = fma(g@{ky}_@{p}, b@{p + kx}, s@{i}_@{ky * KW + kx});
          //@end
          //@end
          //@end
        }
        //@end
      }
    }
  }
  if (o >= params.outputs) { return; }
  if (c0 == 0u) { partial_bias[slice * params.outputs + o] = bias; }
  let base = ((slice * params.outputs + o) * params.channels + c0) * @{KH * KW}u;
  var all = 0.0;
  //@for i in 0..CHANNELS
  if (c0 + @{i}u < params.channels) {
    //@for t in 0..KH * KW
    partial[base + @{i * KH * KW + t}u] = s@{i}_@{t};
    all += s@{i}_@{t};
    //@end
  }
  //@end
  // The sum of all sums is NaN where one of them is. One that is NaN is computed again from its terms alone: above,
  // zeros stand for what lies beyond the edges, and zero times infinity is NaN.
  if (!is_nan(all)) { return; }
  for (var i = 0u; i < min(@{CHANNELS}u, params.channels - c0) * @{KH * KW}u; i++) {
    if (!is_nan(partial[base + i])) { continue; }
    let c = c0 + i / @{KH * KW}u;
    let ky = i % @{KH * KW}u / @{KW}u;
    let kx = i % @{KW}u;
    partial[base + i] = exact_sum(slice * params.images, c, o, ky, kx);
  }
}

// The gradient to weight (o, c, ky, kx) from the images of the slice that begins with image `first`.
fn exact_sum(first: u32, c: u32, o: u32, ky: u32, kx: u32) -> f32 {
  var sum = 0.0;
  for (var entry = first; entry < min(first + params.images, params.batch); entry++) {
    for (var oy = 0u; oy < params.out_height; oy++) {
      for (var ox = 0u; ox < params.out_width; ox++) {
        let y = oy + ky - params.pad_top;
        let x = ox + kx - params.pad_left;
        if (y >= params.height || x >= params.width) { continue; }
        let from_input = ((entry * params.channels + c) * params.height + y) * params.width + x;
        let from_gradient = ((entry * params.outputs + o) * params.out_height + oy) * params.out_width + ox;
        sum = fma(gradient[from_gradient], input[from_input], sum);
      }
    }
  }
  return sum;
}
