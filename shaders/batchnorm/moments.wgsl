// State: count, mean and M2 = Σ (x - mean)² of a set of numbers; `join` gives those of the union of two sets:
// Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
struct State { count: f32, mean: f32, m2: f32 }

fn join(a: State, b: State) -> State {
  let count = a.count + b.count;
  // The union of two empty sets is empty.
  let ratio = b.count / max(count, 1.0);
  let delta = b.mean - a.mean;
  let m2 = a.m2 + b.m2 + delta * delta * a.count * ratio;
  // With an infinite element the mean is infinite (or NaN) and the variance NaN: the updating formulae give neither.
  let finite = is_finite(delta);
  let mean = select(a.mean + b.mean, a.mean + delta * ratio, finite);
  return State(count, mean, select(bitcast<f32>(bitcast<u32>(delta) | 0x7fc00000u), m2, finite));
}

//@if SUBGROUP
fn of_lane(state: State, lane: u32) -> State {
  return State(
    subgroupShuffle(state.count, lane),
    subgroupShuffle(state.mean, lane),
    subgroupShuffle(state.m2, lane),
  );
}
//@end

// The State of a slice. Eight elements at a time are centred in registers and then joined, so that a mean far from 0 costs no digits.
fn slice_state(from_slice: Slice) -> array<State, @{CHANNELS}> {
  var states: array<State, @{CHANNELS}>;
  for (var c = 0u; c < @{CHANNELS}u; c++) {
    var slice = from_slice;
    var total = State(0.0, 0.0, 0.0);
    var left = slice.count;
    for (; left >= 8u; left -= 8u) {
      var sum = 0.0;
      //@for k in 0..8
      let v@{k} = input_at((slice.row + slice.l) * @{CHANNELS}u + c);
      sum += v@{k};
      advance(&slice);
      //@end
      let mean = sum * 0.125;
      var m2 = 0.0;
      //@for k in 0..8
      m2 += (v@{k} - mean) * (v@{k} - mean);
      //@end
      total = join(total, State(8.0, mean, m2));
    }
    for (; left > 0u; left--) {
      total = join(total, State(1.0, input_at((slice.row + slice.l) * @{CHANNELS}u + c), 0.0));
      advance(&slice);
    }
    states[c] = total;
  }
  return states;
}
