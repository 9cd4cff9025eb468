// A State of each lane joined to one of the workgroup, for CHANNELS at once; `join` says how. All lanes must call it, once.
//@if SUBGROUP
// The workgroup is one subgroup; its lanes go on with what the first of them has.
fn join_lanes(lane: u32, states: array<State, @{CHANNELS}>) -> array<State, @{CHANNELS}> {
  var joined = states;
  for (var width = 1u; width < @{WG}u; width *= 2u) {
    //@for c in 0..CHANNELS
    joined[@{c}] = join(joined[@{c}], of_lane(joined[@{c}], lane ^ width));
    //@end
  }
  //@for c in 0..CHANNELS
  joined[@{c}] = of_lane(joined[@{c}], 0u);
  //@end
  return joined;
}
//@else
var<workgroup> gathered: array<State, @{WG * CHANNELS}>;

fn join_lanes(lane: u32, states: array<State, @{CHANNELS}>) -> array<State, @{CHANNELS}> {
  //@for c in 0..CHANNELS
  gathered[@{c * WG}u + lane] = states[@{c}];
  //@end
  for (var width = @{WG / 2}u; width > 0u; width /= 2u) {
    workgroupBarrier();
    if (lane < width) {
      //@for c in 0..CHANNELS
      gathered[@{c * WG}u + lane] = join(gathered[@{c * WG}u + lane], gathered[@{c * WG}u + lane + width]);
      //@end
    }
  }
  workgroupBarrier();
  var joined: array<State, @{CHANNELS}>;
  //@for c in 0..CHANNELS
  joined[@{c}] = gathered[@{c * WG}];
  //@end
  return joined;
}
//@end
