// x [planes, height, width] in another size, as PyTorch's interpolate. MODE 'nearest', 'bilinear', or 'corners': bilinear between
// corners that stay corners. An index o of the result lies at s = o · scale, or (o + 0.5) · scale - 0.5, between two of the source.
// GRAD: the gradient of each element, from all of the result's that it is part of, always in the same order.
struct Params {
  count: u32,
  height: u32,
  width: u32,
  out_height: u32,
  out_width: u32,
  scale_h: f32,
  scale_w: f32,
  inverse_h: f32,
  inverse_w: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// The two neighbours of s, and the share of the second.
struct Source { low: u32, high: u32, share: f32 }

fn source_of(o: u32, scale: f32, size: u32) -> Source {
  //@if MODE == 'nearest'
  let low = min(u32(f32(o) * scale), size - 1u);
  return Source(low, low, 0.0);
  //@else
  //@if MODE == 'corners'
  let s = f32(o) * scale;
  //@elif MODE == 'bilinear'
  let s = max((f32(o) + 0.5) * scale - 0.5, 0.0);
  //@else
  //@error upsample.wgsl has no mode '@{MODE}'
  //@end
  let low = min(u32(s), size - 1u);
  return Source(low, min(low + 1u, size - 1u), s - f32(low));
  //@end
}

//@if GRAD
// The first and the end of the indices of the result that can read index i, with one to spare.
fn reach(i: u32, inverse: f32, out_size: u32) -> vec2u {
  //@if MODE == 'nearest'
  let ends = vec2f(f32(i), f32(i) + 1.0) * inverse;
  //@elif MODE == 'corners'
  let ends = vec2f(f32(i) - 1.0, f32(i) + 1.0) * inverse;
  //@else
  let ends = vec2f(f32(i) - 0.5, f32(i) + 1.5) * inverse - 0.5;
  //@end
  return vec2u(u32(max(ends.x - 1.0, 0.0)), min(u32(max(ends.y + 2.0, 0.0)), out_size));
}

fn share_of(source: Source, i: u32) -> f32 {
  return select(0.0, 1.0 - source.share, source.low == i) + select(0.0, source.share, source.high == i);
}
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.count) { return; }
  //@if GRAD
  let plane = i / (params.width * params.height) * params.out_height;
  let row = i / params.width % params.height;
  let column = i % params.width;
  let rows = reach(row, params.inverse_h, params.out_height);
  let columns = reach(column, params.inverse_w, params.out_width);
  var total = 0.0;
  for (var oy = rows.x; oy < rows.y; oy++) {
    let v = source_of(oy, params.scale_h, params.height);
    if (v.low != row && v.high != row) { continue; }
    var row_total = 0.0;
    for (var ox = columns.x; ox < columns.y; ox++) {
      let h = source_of(ox, params.scale_w, params.width);
      if (h.low != column && h.high != column) { continue; }
      row_total += share_of(h, column) * x[(plane + oy) * params.out_width + ox];
    }
    total += share_of(v, row) * row_total;
  }
  y[i] = total;
  //@else
  let plane = i / (params.out_width * params.out_height) * params.height;
  let v = source_of(i / params.out_width % params.out_height, params.scale_h, params.height);
  let h = source_of(i % params.out_width, params.scale_w, params.width);
  let low = (plane + v.low) * params.width;
  //@if MODE == 'nearest'
  y[i] = x[low + h.low];
  //@else
  let high = (plane + v.high) * params.width;
  y[i] = (1.0 - v.share) * ((1.0 - h.share) * x[low + h.low] + h.share * x[low + h.high])
    + v.share * ((1.0 - h.share) * x[high + h.low] + h.share * x[high + h.high]);
  //@end
  //@end
}
