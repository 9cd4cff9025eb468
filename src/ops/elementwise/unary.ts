import { apply } from '../../autograd/apply';
import type { Op } from '../../autograd/op';
import { WGSL_TYPE } from '../../tensor/dtype';
import { launchVectors, vectorKernel } from '../../runtime/kernels/element-kernel';
import { ShapeError } from '../../tensor/shape';
import { Tensor } from '../../tensor/tensor';

const UNARY = vectorKernel('unary', () => import('./shaders.lazy'), { multiItem: true });

/** The up to two settings of an op: the slope of leakyRelu, the bounds of clamp. */
export type UnaryAttrs = readonly [p: number, q: number];

function launch(
  op: string,
  kind: string,
  inputs: readonly Tensor[],
  [p, q]: UnaryAttrs,
  out: Tensor,
  grad: 0 | 1,
): void {
  const defines = { OP: kind, GRAD: grad };
  launchVectors(out.device, op, UNARY, out.size, [...inputs, out], { p, q }, defines, WGSL_TYPE[out.dtype]);
}

/** The gradient of `op` in front of a ReLU whose result is `y`, from the gradient behind it. */
export function reluGradient(op: string, y: Tensor, grad: Tensor): Tensor {
  const out = Tensor.empty(y.shape, 'float32', y.device, op);
  launch(op, 'relu', [y, grad], [0, 0], out, 1);
  return out;
}

/** An op on single elements; `reads` says which of input and output its gradient is written in. */
function unary(name: string, reads: 'input' | 'output', types: readonly string[] = ['float32']): Op<UnaryAttrs> {
  return {
    name,
    infer: ([x]) => {
      if (!types.includes(x.dtype)) throw new ShapeError(`${name}: ${types.join(' or ')} is wanted, got ${x.dtype}`);
      return { shape: x.shape, dtype: x.dtype };
    },
    forward: (_, inputs, attrs, out) => {
      launch(name, name, inputs, attrs, out, 0);
    },
    saves: { inputs: reads === 'input' ? [0] : [], output: reads === 'output' },
    backward: ({ inputs: [x], output, grad, attrs, gradOf }) => {
      const out = gradOf(0);
      launch(name, name, [reads === 'input' ? x : output, grad], attrs, out, 1);
      return [out];
    },
  };
}

export const negOp = unary('neg', 'input', ['float32', 'int32']);
export const expOp = unary('exp', 'output');
export const logOp = unary('log', 'input');
export const sqrtOp = unary('sqrt', 'output');
export const absOp = unary('abs', 'input');
export const clampOp = unary('clamp', 'input');
export const reluOp = unary('relu', 'output');
export const leakyReluOp = unary('leakyRelu', 'input');
export const sigmoidOp = unary('sigmoid', 'output');
export const tanhOp = unary('tanh', 'output');
export const geluOp = unary('gelu', 'input');
export const siluOp = unary('silu', 'input');

const plain =
  (op: Op<UnaryAttrs>) =>
  (x: Tensor): Tensor =>
    apply(op, [x], [0, 0]);

/** `-x`. */
export const neg = plain(negOp);
/** e to the power of `x`. */
export const exp = plain(expOp);
/** Natural logarithm. */
export const log = plain(logOp);
/** Square root; its gradient at 0 is infinite. */
export const sqrt = plain(sqrtOp);
/** Absolute value; its gradient at 0 is 0. */
export const abs = plain(absOp);
/** max(x, 0); its gradient at 0 is 0. */
export const relu = plain(reluOp);
/** 1 / (1 + exp(-x)), without overflow. */
export const sigmoid = plain(sigmoidOp);
/** Hyperbolic tangent. */
export const tanh = plain(tanhOp);
/** x · Φ(x) with the normal distribution's Φ (Hendrycks and Gimpel 2016), the exact form by erf. */
export const gelu = plain(geluOp);
/** x · sigmoid(x) (Elfwing et al. 2017). */
export const silu = plain(siluOp);

/** x where x > 0, else `negativeSlope` · x. */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return apply(leakyReluOp, [x], [negativeSlope, 0]);
}

/** Limits every element to [low, high]; outside, the gradient is 0. Throws `RangeError` when low > high. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  if (!(low <= high)) throw new RangeError(`clamp: low ${low} is larger than high ${high}`);
  return apply(clampOp, [x], [low, high]);
}
