// y = the largest element of each window, and `winner`, its index in its plane (of equal ones the first; a NaN counts as largest,
// as in PyTorch). An invocation computes UNIT neighbours. DROPOUT: y is the dropout of that; the winners of
// elements that do not survive are marked.
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
  // The bits of -Infinity, the maximum of a window whose taps all miss the plane, as in PyTorch; WGSL has no literal for it.
  minus_infinity: u32,
  //@if DROPOUT
  seed_low: u32,
  seed_high: u32,
  offset_low: u32,
  offset_high: u32,
  p: f32,
  dropout_scale: f32,
  //@end
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> winner: array<u32>;

const NO_WINNER = 0x7fffffffu;
const DROPPED = 0x80000000u;

struct Best { value: f32, at: u32 }

fn best_of(position: vec3u) -> Best {
  let plane = position.z * params.height * params.width;
  //@if TAPS
  // No padding: every tap of a window of TAPS × TAPS lies on the plane.
  let first = position.x * params.stride_h * params.width + position.y * params.stride_w;
  var best = Best(x[plane + first], first);
  var nan = is_nan(best.value);
  //@for t in 1..TAPS * TAPS
  {
    let at = first + @{t / TAPS}u * params.dilation_h * params.width + @{t % TAPS}u * params.dilation_w;
    let v = x[plane + at];
    let v_nan = is_nan(v);
    let better = v_nan || (!nan && v > best.value);
    best.value = select(best.value, v, better);
    best.at = select(best.at, at, better);
    nan = nan || v_nan;
  }
  //@end
  return best;
  //@else
  var best = Best(bitcast<f32>(params.minus_infinity), NO_WINNER);
  var nan = false;
  for (var ky = 0u; ky < params.kernel_height; ky++) {
    // Above the plane the difference wraps around to a number larger than any height.
    let iy = position.x * params.stride_h + ky * params.dilation_h - params.pad_h;
    if (iy >= params.height) { continue; }
    for (var kx = 0u; kx < params.kernel_width; kx++) {
      let ix = position.y * params.stride_w + kx * params.dilation_w - params.pad_w;
      if (ix >= params.width) { continue; }
      let at = iy * params.width + ix;
      let v = x[plane + at];
      let v_nan = is_nan(v);
      if (v_nan || (!nan && (best.at == NO_WINNER || v > best.value))) {
        best = Best(v, at);
        nan = v_nan;
      }
    }
  }
  return best;
  //@end
}

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var unit = first; unit < min(first + @{WG * ITEMS}u, params.units); unit += @{WG}u) {
    //@if DROPOUT
    let factors = dropout_factors(unit);
    //@end
    var position = position_of(unit * @{UNIT}u, params.out_height, params.out_width);
    for (var i = unit * @{UNIT}u; i < min(unit * @{UNIT}u + @{UNIT}u, params.count); i++) {
      let best = best_of(position);
      //@if DROPOUT
      let factor = factors[i % 4u];
      y[i] = best.value * factor;
      winner[i] = best.at | select(0u, DROPPED, factor == 0.0);
      //@else
      y[i] = best.value;
      winner[i] = best.at;
      //@end
      position = next_position(position, params.out_height, params.out_width);
    }
  }
}
