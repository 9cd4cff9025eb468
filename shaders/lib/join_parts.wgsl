// What a lane joins of the parts of each channel that another kernel has left (SUM_SOURCE 0); `part_state` reads one.
//@if SUM_SOURCE == 0
fn parts_state(channel: u32, lane: u32) -> array<State, @{CHANNELS}> {
  var states: array<State, @{CHANNELS}>;
  //@for c in 0..CHANNELS
  for (var part = lane; part < params.sum_parts; part += @{WG}u) {
    states[@{c}] = join(states[@{c}], part_state((channel * @{CHANNELS}u + @{c}u) * params.sum_parts + part));
  }
  //@end
  return states;
}
//@end
