// State: Σ dy and Σ dy · (input - mean) of a set of elements, dy before the forward pass's dropout; `join` adds those of two sets.
alias State = vec2f;

fn join(a: State, b: State) -> State {
  return a + b;
}

//@if SUBGROUP
fn of_lane(state: State, lane: u32) -> State {
  return subgroupShuffle(state, lane);
}
//@end

//@if DROPOUT
// In groups of eight as below, so that the sums add up in the same order, but not unrolled: random numbers cost more than a loop.
fn slice_state(channel: u32, from_slice: Slice) -> array<State, @{CHANNELS}> {
  var slice = from_slice;
  //@for c in 0..CHANNELS
  let mean@{c} = stats[channel * @{CHANNELS}u + @{c}u];
  //@end
  var totals: array<State, @{CHANNELS}>;
  var left = slice.count;
  for (var steps = 0u; left > 0u; left -= steps) {
    steps = select(1u, 8u, left >= 8u);
    //@for c in 0..CHANNELS
    var sum@{c} = vec2f(0.0);
    //@end
    for (var step = 0u; step < steps; step++) {
      let unit = slice.row + slice.l;
      let factors = dropout_factors(unit);
      //@for c in 0..CHANNELS
      {
        let at = unit * @{CHANNELS}u + @{c}u;
        let g = dy[at] * factors[@{c}];
        sum@{c} += vec2f(g, g * (input_at(at) - mean@{c}));
      }
      //@end
      advance(&slice);
    }
    //@for c in 0..CHANNELS
    totals[@{c}] += sum@{c};
    //@end
  }
  return totals;
}
//@else
// Eight at a time, since the loop itself costs more than its body; then one at a time. CHANNELS is 1 without a dropout.
fn slice_state(channel: u32, from_slice: Slice) -> array<State, 1> {
  var slice = from_slice;
  let mean = stats[channel];
  var total = vec2f(0.0);
  var left = slice.count;
  //@for tail in 0..2
  //@let steps = 8 - 7 * tail
  for (; left >= @{steps}u; left -= @{steps}u) {
    var sum = vec2f(0.0);
    //@for k in 0..steps
    {
      let at = slice.row + slice.l;
      let g = dy[at];
      sum += vec2f(g, g * (input_at(at) - mean));
      advance(&slice);
    }
    //@end
    total += sum;
  }
  //@end
  return array<State, 1>(total);
}
//@end
