import type { Op } from '../autograd/op';
import * as argmax from './reduce/argmax';
import * as avgPool2d from './pool2d/avg-pool2d';
import * as bceWithLogits from './loss/bce-with-logits';
import * as batchnorm from './batchnorm/batchnorm';
import * as binary from './elementwise/binary';
import * as cast from './elementwise/cast';
import * as cumsum from './reduce/cumsum';
import * as multinomial from './multinomial/multinomial';
import * as clone from './layout/clone';
import * as concat from './layout/concat';
import * as convTranspose2d from './conv2d/conv-transpose2d';
import * as conv2d from './conv2d/conv2d';
import * as crossEntropy from './loss/cross-entropy';
import * as dropout from './dropout/dropout';
import * as embedding from './indexing/embedding';
import * as gather from './indexing/gather';
import * as klDiv from './loss/kl-div';
import * as l1Loss from './loss/l1-loss';
import * as layernorm from './layernorm/layernorm';
import * as layout from './layout/layout';
import * as linear from './matmul/linear';
import * as matmul from './matmul/matmul';
import * as maxPool2d from './pool2d/max-pool2d';
import * as mseLoss from './loss/mse-loss';
import * as nllLoss from './loss/nll-loss';
import * as reduce from './reduce/reduce';
import * as slice from './layout/slice';
import * as softmax from './softmax/softmax';
import * as triangle from './layout/triangle';
import * as unary from './elementwise/unary';
import { unaryRecord, type UnaryAttrs } from './elementwise/unary-op';
import * as upsample from './upsample/upsample';
import * as where from './elementwise/where';

type OpsOf<M> = { [K in keyof M as K extends `${string}Op` ? K : never]: M[K] };

function opsOf<M extends object>(module: M): OpsOf<M> {
  return Object.fromEntries(Object.entries(module).filter(([name]) => name.endsWith('Op'))) as OpsOf<M>;
}

type UnaryOps = { [K in keyof typeof unary as `${K}Op`]: Op<UnaryAttrs> };

/** The record of each function of elementwise/unary.ts. */
const unaryOps = Object.fromEntries(Object.keys(unary).map((name) => [`${name}Op`, unaryRecord(name)])) as UnaryOps;

/** Every op of the library by its record's name. Tests go through it, so that no op goes unchecked. */
export const registry = opsOf({
  ...argmax,
  ...avgPool2d,
  ...batchnorm,
  ...bceWithLogits,
  ...binary,
  ...cast,
  ...clone,
  ...cumsum,
  ...multinomial,
  ...concat,
  ...conv2d,
  ...convTranspose2d,
  ...crossEntropy,
  ...dropout,
  ...embedding,
  ...gather,
  ...klDiv,
  ...l1Loss,
  ...layernorm,
  ...layout,
  ...linear,
  ...matmul,
  ...maxPool2d,
  ...mseLoss,
  ...nllLoss,
  ...reduce,
  ...slice,
  ...softmax,
  ...triangle,
  ...unaryOps,
  ...upsample,
  ...where,
}) satisfies Record<string, Op<never>>;
