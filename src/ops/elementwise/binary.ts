import { apply } from '../../autograd/apply';
import { notDifferentiable, type BackwardContext, type Op } from '../../autograd/op';
import { scalarOf } from '../../tensor/create/create';
import { WGSL_TYPE, type DType } from '../../tensor/dtype';
import { launchElements, vectorKernel, vectorOf } from '../../runtime/kernels/element-kernel';
import { broadcastShapes, type Shape } from '../../tensor/shape';
import { checkTensor, Tensor } from '../../tensor/tensor';
import { sumTo } from '../reduce/reduce-kernel';
import { broadcastStrides, mergeAxes } from '../layout/strided';

const BINARY = vectorKernel('binary', () => import('./shaders.lazy'), { multiItem: true });

/** A tensor, or a number that is broadcast to the other operand's shape and type. */
export type Operand<D extends DType = 'float32'> = Tensor<D> | number;

function launch(
  name: string,
  [a, b]: readonly Tensor<DType>[],
  grad: Tensor | null,
  side: 0 | 1 | 2,
  out: Tensor<DType>,
): void {
  const flat = [a, b].every((operand) => operand.size === 1 || operand.size === out.size);
  const [aOne, bOne] = [a, b].map((operand) => flat && operand.size < out.size);
  const type = WGSL_TYPE[a.dtype];
  // pow branches, and so takes one element at a time.
  const vector = vectorOf(flat && name !== 'pow' ? out.size : 1, type);
  const n = out.size / vector.VEC;
  const merged = mergeAxes(out.shape, [broadcastStrides(a.shape, out.shape), broadcastStrides(b.shape, out.shape)]);
  launchElements(
    out.device,
    name,
    BINARY,
    n,
    grad ? [a, b, grad, out] : [a, b, out],
    { n, shape: merged.shape, a_strides: merged.strides[0], b_strides: merged.strides[1] },
    {
      ...vector,
      OP: name,
      A: aOne ? type : vector.V,
      B: bOne ? type : vector.V,
      A_STEP: aOne ? 0 : 1,
      B_STEP: bOne ? 0 : 1,
      Z: vector.V.replace(type, WGSL_TYPE[out.dtype]),
      GRAD: side,
      FLAT: flat ? 1 : 0,
      RANK: flat ? 0 : merged.shape.length,
    },
  );
}

function inferShape(name: string, [a, b]: readonly Tensor<DType>[]): Shape {
  if (a.dtype !== b.dtype)
    throw new TypeError(`${name}: expected operands of one dtype, got ${a.dtype} and ${b.dtype}`);
  return broadcastShapes(name, a.shape, b.shape);
}

/** The gradient to each operand by the kernel's rule, summed over the axes that were broadcast. */
function kernelRule(name: string): (ctx: BackwardContext<null>) => (Tensor | null)[] {
  return ({ inputs, grad, needs }) =>
    inputs.map((input, i) => {
      if (!needs[i]) return null;
      const whole = Tensor.empty(grad.shape, 'float32', grad.device, name);
      launch(name, inputs, grad, i === 0 ? 1 : 2, whole);
      return sumTo(whole, input.shape);
    });
}

function arithmetic(
  name: string,
  backward: Op<null>['backward'],
  saves: readonly number[],
  types: readonly string[],
): Op<null> {
  return {
    name,
    infer: (inputs) => {
      if (!types.includes(inputs[0].dtype))
        throw new TypeError(`${name}: expected ${types.join(' or ')}, got ${inputs[0].dtype}`);
      return { shape: inferShape(name, inputs), dtype: inputs[0].dtype };
    },
    forward: (_, inputs, __, out) => {
      launch(name, inputs, null, 0, out);
    },
    saves: { inputs: saves, output: false },
    backward,
  };
}

function comparison(name: string): Op<null> {
  return {
    name,
    infer: (inputs) => ({ shape: inferShape(name, inputs), dtype: 'float32' }),
    forward: (_, inputs, __, out) => {
      launch(name, inputs, null, 0, out);
    },
    saves: { inputs: [], output: false },
    backward: notDifferentiable,
  };
}

const NUMBERS = ['float32', 'int32', 'uint32'];

export const addOp = arithmetic(
  'add',
  ({ inputs, grad, needs }) => inputs.map((input, i) => (needs[i] ? sumTo(grad, input.shape) : null)),
  [],
  NUMBERS,
);
export const subOp = arithmetic(
  'sub',
  ({ inputs, grad, needs }) => [
    needs[0] ? sumTo(grad, inputs[0].shape) : null,
    needs[1] ? sumTo(mul(grad, -1), inputs[1].shape) : null,
  ],
  [],
  NUMBERS,
);
export const mulOp: Op<null> = { ...arithmetic('mul', kernelRule('mul'), [0, 1], NUMBERS), product: true };
export const divOp = arithmetic('div', kernelRule('div'), [0, 1], NUMBERS);
export const powOp = arithmetic('pow', kernelRule('pow'), [0, 1], ['float32']);
export const maximumOp = arithmetic('maximum', kernelRule('maximum'), [0, 1], NUMBERS);
export const minimumOp = arithmetic('minimum', kernelRule('minimum'), [0, 1], NUMBERS);
export const eqOp = comparison('eq');
export const neOp = comparison('ne');
export const ltOp = comparison('lt');
export const leOp = comparison('le');
export const gtOp = comparison('gt');
export const geOp = comparison('ge');

/** What `value` is, for an error: an argument from JavaScript can be anything. */
function binary<D extends DType = 'float32'>(op: Op<null>, a: Operand<DType>, b: Operand<DType>): Tensor<D> {
  if (a instanceof Tensor && b instanceof Tensor) return apply(op, [a, b], null);
  const [operand, value] = a instanceof Tensor ? [a, b] : [b, a];
  if (typeof value !== 'number') return apply(op, [a as Tensor, b as Tensor], null);
  checkTensor(op.name, a instanceof Tensor ? 'input 0' : 'input 1', operand);
  const scalar = scalarOf(op.name, value, operand.device, operand.dtype);
  const out: Tensor<D> = apply(op, a instanceof Tensor ? [a, scalar] : [scalar, operand], null);
  // The graph holds an alias where it reads the scalar; nobody else can free this one.
  scalar.dispose();
  return out;
}

/**
 * `a + b`, broadcast by NumPy's rules.
 * Throws `ShapeError` when the shapes do not broadcast, `TypeError` when the dtypes differ or neither is a tensor.
 */
export const add = <D extends DType>(a: Operand<D>, b: Operand<D>): Tensor<D> => binary(addOp, a, b);
/** `a - b`, broadcast. Throws as `add` does. */
export const sub = <D extends DType>(a: Operand<D>, b: Operand<D>): Tensor<D> => binary(subOp, a, b);
/** `a * b`, element by element, broadcast. Throws as `add` does. */
export const mul = <D extends DType>(a: Operand<D>, b: Operand<D>): Tensor<D> => binary(mulOp, a, b);
/** `a / b`, broadcast; integers are divided towards zero. Throws as `add` does. */
export const div = <D extends DType>(a: Operand<D>, b: Operand<D>): Tensor<D> => binary(divOp, a, b);
/** `a ** b`, broadcast; NaN for a negative base unless the exponent is a whole number. float32 only. Throws as `add` does. */
export const pow = (a: Operand, b: Operand): Tensor => binary(powOp, a, b);
/** The larger of each pair, broadcast; where they are equal, each gets half of the gradient. */
export const maximum = <D extends DType>(a: Operand<D>, b: Operand<D>): Tensor<D> => binary(maximumOp, a, b);
/** The smaller of each pair, broadcast; where they are equal, each gets half of the gradient. */
export const minimum = <D extends DType>(a: Operand<D>, b: Operand<D>): Tensor<D> => binary(minimumOp, a, b);
/** 1 where `a == b`, else 0, as float32; no gradient. */
export const eq = (a: Operand<DType>, b: Operand<DType>): Tensor => binary(eqOp, a, b);
/** 1 where `a != b`, else 0. */
export const ne = (a: Operand<DType>, b: Operand<DType>): Tensor => binary(neOp, a, b);
/** 1 where `a < b`, else 0. */
export const lt = (a: Operand<DType>, b: Operand<DType>): Tensor => binary(ltOp, a, b);
/** 1 where `a <= b`, else 0. */
export const le = (a: Operand<DType>, b: Operand<DType>): Tensor => binary(leOp, a, b);
/** 1 where `a > b`, else 0. */
export const gt = (a: Operand<DType>, b: Operand<DType>): Tensor => binary(gtOp, a, b);
/** 1 where `a >= b`, else 0. */
export const ge = (a: Operand<DType>, b: Operand<DType>): Tensor => binary(geOp, a, b);
