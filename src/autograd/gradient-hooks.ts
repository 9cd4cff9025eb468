import { inScope } from '../tensor/scope';
import { formatShape, sameShape, ShapeError } from '../tensor/shape';
import { checkTensor, type Tensor } from '../tensor/tensor';

/** What becomes of `grad`, the gradient of `tensor`, after the hooks on it. Takes `grad` over. */
export function afterHooks(tensor: Tensor, grad: Tensor): Tensor {
  const hooks = tensor.gradHooks;
  if (!hooks || hooks.isEmpty()) return grad;
  const result = inScope(() => {
    // An alias: a hook may keep() it.
    const seen = grad.alias();
    const given = hooks.apply(seen, (hook, value) => {
      const next = hook(value) ?? undefined;
      if (next === undefined || next instanceof Promise) return next;
      checkTensor('registerHook', 'the result of the hook', next);
      const { name, shape } = tensor;
      const dtype: string = next.dtype;
      if (!sameShape(next.shape, shape) || dtype !== 'float32') {
        throw new ShapeError(
          `registerHook: expected a gradient of ${name && `'${name}' `}float32 ${formatShape(shape)} from the hook, ` +
            `got ${dtype} ${formatShape(next.shape)}`,
        );
      }
      return next;
    });
    return given.alias();
  }, 'its hook has ended; call keep() on it inside the hook');
  grad.dispose();
  return result;
}
