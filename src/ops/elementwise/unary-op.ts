import { apply } from '../../autograd/apply';
import { notDifferentiable, type Op } from '../../autograd/op';
import { WGSL_TYPE, type DType } from '../../tensor/dtype';
import { launchVectors, vectorKernel } from '../../runtime/kernels/element-kernel';
import { fillConstant } from '../../tensor/create/fill';
import { Tensor } from '../../tensor/tensor';

const UNARY = vectorKernel('unary', () => import('./shaders.lazy'), { multiItem: true });

/** The up to two settings of an op: the slope of leakyRelu, the bounds of clamp, beta and threshold of softplus. */
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

/** The gradient of a ReLU's input, from its result `y` and the gradient of that; `op` is where the ReLU belongs to. */
export function reluGradient(op: string, y: Tensor, grad: Tensor): Tensor {
  const out = Tensor.empty(y.shape, 'float32', y.device, op);
  launch(op, 'relu', [y, grad], [0, 0], out, 1);
  return out;
}

const records = new Map<string, Op<UnaryAttrs>>();

/** The record of the op of this name. Throws where none was made. */
export function unaryRecord(name: string): Op<UnaryAttrs> {
  const op = records.get(name);
  if (!op) throw new Error(`there is no op ${name} on single elements`);
  return op;
}

/**
 * An op on single elements: the arm of this name in shaders/elementwise/unary.wgsl. `reads` says in which of input and
 * output its gradient is written there; 'zero': its gradient is 0 everywhere, 'none': it has none.
 */
export function unaryOp(
  name: string,
  reads: 'input' | 'output' | 'zero' | 'none',
  types: readonly string[] = ['float32'],
): Op<UnaryAttrs> {
  const op: Op<UnaryAttrs> = {
    name,
    infer: ([x]) => {
      if (!types.includes(x.dtype)) throw new TypeError(`${name}: expected ${types.join(' or ')}, got ${x.dtype}`);
      return { shape: x.shape, dtype: x.dtype };
    },
    forward: (_, inputs, attrs, out) => {
      launch(name, name, inputs, attrs, out, 0);
    },
    saves: { inputs: reads === 'input' ? [0] : [], output: reads === 'output' },
    backward:
      reads === 'none'
        ? notDifferentiable
        : ({ inputs: [x], output, grad, attrs, gradOf }) => {
            const out = gradOf(0);
            if (reads === 'zero') fillConstant(name, out, 0);
            else launch(name, name, [reads === 'input' ? x : output, grad], attrs, out, 1);
            return [out];
          },
  };
  records.set(name, op);
  return op;
}

/** The function of an op without settings, made by `unaryOp`. */
export function unary(name: string, reads: Parameters<typeof unaryOp>[1]): (x: Tensor) => Tensor;
export function unary<D extends DType>(
  name: string,
  reads: Parameters<typeof unaryOp>[1],
  types: readonly D[],
): <E extends D>(x: Tensor<E>) => Tensor<E>;
export function unary(...settings: Parameters<typeof unaryOp>): (x: Tensor) => Tensor {
  const op = unaryOp(...settings);
  return (x) => apply(op, [x], [0, 0]);
}
