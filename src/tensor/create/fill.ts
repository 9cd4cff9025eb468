import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import type { Params } from '../../wgsl/params';
import { checkHolds, WGSL_TYPE, type DType } from '../dtype';
import type { Tensor } from '../tensor';

const FILL = elementKernel('fill', () => import('./shaders.lazy'));
const RANDINT = elementKernel('randint', () => import('./shaders.lazy'));
const RANDOM = elementKernel('random', () => import('./shaders.lazy'));

/** Writes `value` to every element ('value'), `value`, `value + step`, … ('range') or the identity matrix ('eye'). */
export function launchFill(op: string, kind: string, target: Tensor<DType>, value: number, step: number): void {
  const params = { n: target.size, columns: target.shape.at(-1) ?? 1, value, step };
  launchElements(target.device, op, FILL, target.size, [target], params, { KIND: kind, T: WGSL_TYPE[target.dtype] });
}

/** Overwrites every element with `value`. Throws `RangeError`, naming `op`, where the dtype does not hold it. */
export function fillConstant(op: string, target: Tensor<DType>, value: number): void {
  checkHolds(op, target.dtype, value);
  launchFill(op, 'value', target, value, 0);
  target.version.bump();
}

/** The uniforms that say where in the stream of random numbers a kernel begins. */
export function positionParams(seed: number, offset: number): Params {
  return {
    seed_low: seed >>> 0,
    seed_high: Math.floor(seed / 2 ** 32),
    offset_low: offset >>> 0,
    offset_high: Math.floor(offset / 2 ** 32),
  };
}

/** The same for `draws` random numbers that are drawn for `target` now: at every run. */
export function drawn({ device: { generator }, size }: Tensor<DType>, draws: number): Params {
  return { n: size, ...positionParams(generator.seed, generator.take(draws)) };
}

/** Overwrites the elements with random numbers from the device's generator: uniform in [low, high), or normal (mean, deviation). */
export function fillRandom(target: Tensor, kind: 'uniform' | 'normal', low: number, high: number): void {
  const { device, size } = target;
  const params = () => ({ ...drawn(target, size), low, high });
  launchElements(device, 'random', RANDOM, Math.ceil(size / 4), [target], params, { KIND: kind });
  target.version.bump();
}

/** Overwrites the elements with random integers of [low, high). */
export function fillRandint(target: Tensor<DType>, low: number, high: number): void {
  const { device, size } = target;
  const params = () => ({ ...drawn(target, 2 * size), low, range: high - low });
  launchElements(device, 'randint', RANDINT, Math.ceil(size / 2), [target], params);
  target.version.bump();
}
