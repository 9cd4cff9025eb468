import type { Op } from '../autograd/op';
import * as argmax from './reduce/argmax';
import * as avgPool2d from './pool2d/avg-pool2d';
import * as batchnorm from './batchnorm/batchnorm';
import * as binary from './elementwise/binary';
import * as concat from './layout/concat';
import * as conv2d from './conv2d/conv2d';
import * as dropout from './dropout/dropout';
import * as gather from './gather/gather';
import * as layout from './layout/layout';
import * as linear from './matmul/linear';
import * as losses from './loss/losses';
import * as matmul from './matmul/matmul';
import * as maxPool2d from './pool2d/max-pool2d';
import * as reduce from './reduce/reduce';
import * as slice from './layout/slice';
import * as softmax from './softmax/softmax';
import * as unary from './elementwise/unary';
import * as where from './elementwise/where';

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
