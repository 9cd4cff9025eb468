// Adam (Kingma, Ba 2015), AdamW (Loshchilov, Hutter 2019: DECOUPLED) and AMSGrad (Reddi et al. 2018), in the order of
// operations of torch.optim.Adam. The host computes the bias corrections: step_size = lr / (1 - beta1^t),
// bias2_sqrt = sqrt(1 - beta2^t). `decay` is the weight decay, or (DECOUPLED) the factor 1 - lr * weight decay.
struct Params { n: u32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, bias2_sqrt: f32, step_size: f32, eps: f32, decay: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> values: array<V>;
@group(0) @binding(2) var<storage, read> grads: array<V>;
@group(0) @binding(3) var<storage, read_write> exp_avg: array<V>;
@group(0) @binding(4) var<storage, read_write> exp_avg_sq: array<V>;
//@if AMSGRAD
@group(0) @binding(5) var<storage, read_write> max_exp_avg_sq: array<V>;

//@if VEC == 4
alias Bits = vec4u;
//@else
alias Bits = u32;
//@end

// The larger of two numbers >= 0 by their bits, so that NaN counts as the largest, as in PyTorch.
fn larger(a: V, b: V) -> V {
  let mask = Bits(0x7fffffffu);
  return bitcast<V>(max(bitcast<Bits>(a) & mask, bitcast<Bits>(b) & mask));
}
//@end

@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = linear_index(group, groups, lane);
  for (var i = first; i < min(first + @{WG * ITEMS}u, params.n); i += @{WG}u) {
    //@if DECOUPLED
    let value = values[i] * params.decay;
    let grad = grads[i];
    //@else
    let value = values[i];
    var grad = grads[i];
    // Without weight decay, a parameter that is not finite does not reach the moments.
    if (params.decay != 0.0) { grad += params.decay * value; }
    //@end
    let m = params.beta1 * exp_avg[i] + params.rest1 * grad;
    let v = params.beta2 * exp_avg_sq[i] + params.rest2 * grad * grad;
    exp_avg[i] = m;
    exp_avg_sq[i] = v;
    //@if AMSGRAD
    let largest = larger(max_exp_avg_sq[i], v);
    max_exp_avg_sq[i] = largest;
    //@else
    let largest = v;
    //@end
    values[i] = value - params.step_size * m / (sqrt(largest) / params.bias2_sqrt + params.eps);
  }
}
