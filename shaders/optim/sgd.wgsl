// Stochastic gradient descent with momentum, weight decay and Nesterov's variant (Sutskever et al. 2013), in the order of
// operations of torch.optim.SGD. `fresh` weighs the gradient in the momentum buffer: 1 in the first step, then 1 - dampening.
struct Params { n: u32, lr: f32, momentum: f32, fresh: f32, weight_decay: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> values: array<V>;
@group(0) @binding(2) var<storage, read> grads: array<V>;
//@if MOMENTUM
@group(0) @binding(3) var<storage, read_write> buffer: array<V>;
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.n); i += @{WG}u) {
    let value = values[i];
    var grad = grads[i];
    // Without weight decay, a parameter that is not finite does not reach the momentum buffer.
    if (params.weight_decay != 0.0) { grad += params.weight_decay * value; }
    //@if MOMENTUM
    let moved = params.momentum * buffer[i] + params.fresh * grad;
    buffer[i] = moved;
    //@end
    //@if MOMENTUM && NESTEROV
    let direction = grad + params.momentum * moved;
    //@elif MOMENTUM
    let direction = moved;
    //@else
    let direction = grad;
    //@end
    values[i] = value - params.lr * direction;
  }
}
