// Joins the States of all lanes, CHANNELS of them at once, by `join`; every lane gets the result. All lanes must call it, once.
//@if SUBGROUP
// The workgroup is one subgroup. Every lane gets the first lane's result.
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
var<workgroup> lane_states: array<State, @{WG * CHANNELS}>;

fn join_lanes(lane: u32, states: array<State, @{CHANNELS}>) -> array<State, @{CHANNELS}> {
  //@for c in 0..CHANNELS
  lane_states[@{c * WG}u + lane] = states[@{c}];
  //@end
  for (var width = @{WG / 2}u; width > 0u; width /= 2u) {
    workgroupBarrier();
    if (lane < width) {
      //@for c in 0..CHANNELS
      lane_states[@{c * WG}u + lane] = join(lane_states[@{c * WG}u + lane], lane_states[@{c * WG}u + lane + width]);
      //@end
    }
  }
  workgroupBarrier();
  var joined: array<State, @{CHANNELS}>;
  //@for c in 0..CHANNELS
  joined[@{c}] = lane_states[@{c * WG}];
  //@end
  return joined;
}
//@end
