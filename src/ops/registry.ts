import type { Op } from '../autograd/op';
import * as argmax from './argmax';
import * as avgPool2d from './avg-pool2d';
import * as batchnorm from './batchnorm';
import * as binary from './binary';
import * as concat from './concat';
import * as conv2d from './conv2d';
import * as dropout from './dropout';
import * as gather from './gather';
import * as layout from './layout';
import * as linear from './linear';
import * as losses from './losses';
import * as matmul from './matmul';
import * as maxPool2d from './max-pool2d';
import * as reduce from './reduce';
import * as slice from './slice';
import * as softmax from './softmax';
import * as unary from './unary';
import * as where from './where';

type OpsOf<M> = { [K in keyof M as K extends `${string}Op` ? K : never]: M[K] };

function opsOf<M extends object>(module: M): OpsOf<M> {
  return Object.fromEntries(Object.entries(module).filter(([name]) => name.endsWith('Op'))) as OpsOf<M>;
}

/** Every op of the library by its record's name; the tests walk it, so that none goes unproven. */
export const registry = {
  ...opsOf(argmax),
  ...opsOf(avgPool2d),
  ...opsOf(batchnorm),
  ...opsOf(binary),
  ...opsOf(concat),
  ...opsOf(conv2d),
  ...opsOf(dropout),
  ...opsOf(gather),
  ...opsOf(layout),
  ...opsOf(linear),
  ...opsOf(losses),
  ...opsOf(matmul),
  ...opsOf(maxPool2d),
  ...opsOf(reduce),
  ...opsOf(slice),
  ...opsOf(softmax),
  ...opsOf(unary),
  ...opsOf(where),
} satisfies Record<string, Op<never>>;
