import type { Op } from '../autograd/op';
import * as batchnorm from './batchnorm';
import * as binary from './binary';
import * as conv2d from './conv2d';
import * as dropout from './dropout';
import * as layout from './layout';
import * as linear from './linear';
import * as matmul from './matmul';
import * as reduce from './reduce';
import * as unary from './unary';

type OpsOf<M> = { [K in keyof M as K extends `${string}Op` ? K : never]: M[K] };

function opsOf<M extends object>(module: M): OpsOf<M> {
  return Object.fromEntries(Object.entries(module).filter(([name]) => name.endsWith('Op'))) as OpsOf<M>;
}

/** Every op of the library by its record's name; the tests walk it, so that none goes unproven. */
export const registry = {
  ...opsOf(batchnorm),
  ...opsOf(binary),
  ...opsOf(conv2d),
  ...opsOf(dropout),
  ...opsOf(layout),
  ...opsOf(linear),
  ...opsOf(matmul),
  ...opsOf(reduce),
  ...opsOf(unary),
} satisfies Record<string, Op<never>>;
