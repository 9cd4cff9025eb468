// Σ dy and Σ dy · (input - mean) of a set of elements, dy behind the dropout of the forward pass; those of two sets.
alias State = vec2f;

fn join(a: State, b: State) -> State {
  return a + b;
}

//@if SUBGROUP
fn of_lane(state: State, lane: u32) -> State {
  return subgroupShuffle(state, lane);
}
//@end

fn slice_state(channel: u32, from_slice: Slice) -> array<State, @{CHANNELS}> {
  var slice = from_slice;
  //@for c in 0..CHANNELS
  let mean@{c} = stats[channel * @{CHANNELS}u + @{c}u];
  //@end
  var totals: array<State, @{CHANNELS}>;
  var left = slice.count;
  // Eight at a time, since the loop itself costs more than its body; then one at a time. Random numbers cost more than a loop, but
  // the order of the sum stays.
  //@for tail in DROPOUT..2
  //@let steps = 8 - 7 * tail
  //@if DROPOUT
  for (var steps = 0u; left > 0u; left -= steps) {
    steps = select(1u, 8u, left >= 8u);
  //@else
  for (; left >= @{steps}u; left -= @{steps}u) {
  //@end
    //@for c in 0..CHANNELS
    var sum@{c} = vec2f(0.0);
    //@end
    //@if DROPOUT
    for (var step = 0u; step < steps; step++) {
    //@end
    //@for k in 0..steps
    {
      let unit = slice.row + slice.l;
      //@if DROPOUT
      let keep = kept(unit);
      //@end
      //@for c in 0..CHANNELS
      {
        let at = unit * @{CHANNELS}u + @{c}u;
        //@if DROPOUT
        let g = select(0.0, dy[at] * params.keep_scale, keep[@{c}]);
        //@else
        let g = dy[at];
        //@end
        sum@{c} += vec2f(g, g * (input_at(at) - mean@{c}));
      }
      //@end
      advance(&slice);
    }
    //@end
    //@if DROPOUT
    }
    //@end
    //@for c in 0..CHANNELS
    totals[@{c}] += sum@{c};
    //@end
  }
  //@end
  return totals;
}
