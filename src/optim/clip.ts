import { checkOptions } from '../device/options';
import { noGrad } from '../autograd/mode';
import { reduceInto, partialsOf } from '../ops/reduce/reduce-kernel';
import { sqrt } from '../ops/elementwise/unary';
import { defaultDevice } from '../runtime/device';
import type { BufferView } from '../runtime/stream/command-stream';
import { zeros } from '../tensor/create/create';
import { ITEM_BYTES } from '../tensor/dtype';
import { elementKernel, launchElements } from '../runtime/kernels/element-kernel';
import { Tensor } from '../tensor/tensor';
import { adjoins, ArenaSlot, enclosing } from './arena';
import { checkNumber, parametersOf, type ParameterSource } from './checks';

const NORM = elementKernel('grad_norm', () => import('./shaders.lazy'));
const CLIP = elementKernel('grad_clip', () => import('./shaders.lazy'));

const inArena = ({ grad, gradSlot }: Tensor): boolean =>
  gradSlot instanceof ArenaSlot && grad?.storage === gradSlot.storage && grad.offset === gradSlot.offset;

const elements = (view: BufferView): number => view.size / ITEM_BYTES;

/** The memory of all gradients. Neighbours in an optimizer's arena are one piece, since the padding between them is zero there. */
function pieces(op: string, params: Tensor | ParameterSource): { params: Tensor[]; views: BufferView[] } {
  const list = [...new Set(params instanceof Tensor ? [params] : parametersOf(op, params))];
  const views: BufferView[] = [];
  // One that an optimizer has used up counts as none, unless all are: then they are looked at after a step.
  const live = list.some(({ gradState }) => gradState.live);
  let joinable = false;
  for (const param of list) {
    if (param.device !== list[0].device) throw new TypeError(`${op}: the parameters are on different devices`);
    if (!param.grad || (live && param.gradState.used)) continue;
    const { view } = param.grad;
    const arena = inArena(param);
    const last = views.at(-1);
    if (last && joinable && arena && adjoins(last, view)) views[views.length - 1] = enclosing(last, view);
    else views.push(view);
    joinable = arena;
    // Its caller scales them in place.
    param.grad.version.bump();
  }
  return { params: list, views };
}

/** Options of `clipGradNorm()`. */
export interface ClipGradNormOptions {
  /** 2 (default) or Infinity, the largest absolute value. */
  normType?: number;
}

/**
 * Scales the gradients of `params`, in place, so that their norm taken together is at most `maxNorm`, as
 * torch.nn.utils.clip_grad_norm_ does; returns that norm before scaling as a tensor of shape `[]`, which stays on the GPU.
 * Parameters without a gradient are left out, and so are gradients that an earlier `step()` has used up where others have not been.
 * `normType` is 2 (default) or Infinity, the largest absolute value.
 * Throws `RangeError` for a negative `maxNorm` or another `normType`.
 */
export function clipGradNorm(
  params: Tensor | ParameterSource,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): Tensor {
  const op = 'clipGradNorm';
  checkOptions(op, options, 'normType');
  const { normType = 2 } = options;
  checkNumber(op, 'maxNorm', maxNorm, 0);
  if (normType !== 2 && normType !== Infinity) {
    throw new RangeError(`${op}: expected normType to be 2 or Infinity, got ${normType}`);
  }
  const { params: list, views } = pieces(op, params);
  const device = list.at(0)?.device ?? defaultDevice();
  if (views.length === 0) return zeros([], { device });

  const maximum = normType === Infinity;
  const parts = views.map((view) => partialsOf(device, 1, elements(view)));
  const partial = Tensor.empty([parts.reduce((a, b) => a + b)], 'float32', device, op);
  let start = 0;
  views.forEach((view, i) => {
    const uniforms = { n: elements(view), parts: parts[i], start };
    launchElements(device, op, NORM, parts[i], [{ view }, partial], uniforms, { MAXIMUM: Number(maximum) });
    start += parts[i];
  });
  const total = Tensor.empty([], 'float32', device, op);
  reduceInto(op, maximum ? 'max' : 'sum', partial, [0], 1, total);
  partial.dispose();
  const norm = maximum ? total : noGrad(() => sqrt(total));
  if (norm !== total) total.dispose();
  for (const view of views) {
    const n = elements(view);
    launchElements(device, op, CLIP, n, [{ view }, norm], { n, limit: maxNorm }, { NORM: 1 });
  }
  return norm;
}

/**
 * Limits every element of the gradients of `params`, in place, to [-value, value], as torch.nn.utils.clip_grad_value_ does.
 * Throws `RangeError` for a negative `value`.
 */
export function clipGradValue(params: Tensor | ParameterSource, value: number): void {
  const op = 'clipGradValue';
  checkNumber(op, 'value', value, 0);
  const { params: list, views } = pieces(op, params);
  for (const view of views) {
    const n = elements(view);
    launchElements(list[0].device, op, CLIP, n, [{ view }], { n, limit: value }, { NORM: 0 });
  }
}
