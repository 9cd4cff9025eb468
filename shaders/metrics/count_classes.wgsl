// One invocation an example: compares its predicted class with its label and counts, by integer atomics, whose sum does not
// depend on their order. x holds the classes [n], or (LOGITS) the bits of scores [n, columns], of which the first of the
// largest counts. Labels are read as unsigned: those not below `classes`, negative ones too, count nowhere ('confusion' reports them).
// COUNT: 'hits' [1], 'accuracy' [hits, labels that counted], 'confusion' [classes, classes] by label and prediction.
struct Params { n: u32, columns: u32, classes: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<atomic<u32>>;

fn predicted(i: u32) -> u32 {
  //@if LOGITS
  let base = i * params.columns;
  var best = 0u;
  var best_key = order_key(x[base]);
  for (var k = 1u; k < params.columns; k++) {
    let key = order_key(x[base + k]);
    if (key > best_key) {
      best = k;
      best_key = key;
    }
  }
  return best;
  //@else
  return x[i];
  //@end
}

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear_index(group, groups, lane);
  if (i >= params.n) { return; }
  let label = labels[i];
  if (label >= params.classes) {
    //@if CHECKS
    report(label);
    //@end
    return;
  }
  let guess = predicted(i);
  //@if COUNT == 'confusion'
  if (guess >= params.classes) {
    report(guess);
    return;
  }
  atomicAdd(&counts[label * params.classes + guess], 1u);
  //@else
  //@if COUNT == 'accuracy'
  atomicAdd(&counts[1], 1u);
  //@end
  if (guess == label) { atomicAdd(&counts[0], 1u); }
  //@end
}
