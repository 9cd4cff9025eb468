// One lane's share of the partial results of each channel that another dispatch wrote (SUMS 'parts'), joined; `part_state` reads one.
//@if SUMS == 'parts'
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
