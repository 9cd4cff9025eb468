import type { Conv2dOptions } from '../../../src/ops/conv2d/geometry';
import type { Conv2dProblem } from './conv2d';

/** A convolution as the library is asked for it, and in full. */
export interface Conv2dCase {
  what: string;
  input: Conv2dProblem['input'];
  weight: Conv2dProblem['weight'];
  options?: Conv2dOptions;
  /** What the options mean, in full. */
  means?: Partial<Pick<Conv2dProblem, 'stride' | 'dilation' | 'pad' | 'groups'>>;
  bias?: boolean;
}

/** What can go wrong in a convolution: every kernel must get these right. */
export const CONV2D_CASES: Conv2dCase[] = [
  { what: '3x3 on odd sizes', input: [2, 3, 7, 5], weight: [5, 3, 3, 3], bias: true },
  {
    what: "3x3 'same'",
    input: [1, 1, 9, 11],
    weight: [7, 1, 3, 3],
    options: { padding: 'same' },
    means: { pad: [1, 1, 1, 1] },
    bias: true,
  },
  { what: "'valid'", input: [1, 5, 4, 3], weight: [3, 5, 2, 3], options: { padding: 'valid' } },
  {
    what: 'stride 2',
    input: [2, 3, 8, 7],
    weight: [4, 3, 3, 3],
    options: { stride: 2, padding: 1 },
    means: { stride: [2, 2], pad: [1, 1, 1, 1] },
    bias: true,
  },
  {
    what: 'stride [2, 1], padding [0, 2]',
    input: [2, 2, 7, 6],
    weight: [3, 2, 2, 3],
    options: { stride: [2, 1], padding: [0, 2] },
    means: { stride: [2, 1], pad: [0, 2, 0, 2] },
  },
  {
    what: "even kernel 'same': the larger half below and to the right",
    input: [2, 2, 5, 6],
    weight: [3, 2, 2, 4],
    options: { padding: 'same' },
    means: { pad: [0, 1, 1, 2] },
    bias: true,
  },
  {
    what: "dilated even kernel 'same'",
    input: [1, 2, 8, 7],
    weight: [2, 2, 4, 2],
    options: { padding: 'same', dilation: [2, 3] },
    means: { pad: [3, 1, 3, 2], dilation: [2, 3] },
  },
  {
    what: 'dilation 2',
    input: [1, 3, 9, 8],
    weight: [3, 3, 3, 3],
    options: { dilation: 2, padding: 1 },
    means: { dilation: [2, 2], pad: [1, 1, 1, 1] },
    bias: true,
  },
  {
    what: 'stride 3, dilation 2, padding wider than the kernel',
    input: [1, 1, 6, 5],
    weight: [2, 1, 2, 2],
    options: { stride: 3, dilation: 2, padding: 4 },
    means: { stride: [3, 3], dilation: [2, 2], pad: [4, 4, 4, 4] },
    bias: true,
  },
  {
    what: 'groups',
    input: [2, 6, 5, 5],
    weight: [10, 3, 3, 3],
    options: { groups: 2, padding: 1 },
    means: { groups: 2, pad: [1, 1, 1, 1] },
    bias: true,
  },
  {
    what: 'depthwise',
    input: [2, 5, 6, 6],
    weight: [5, 1, 3, 3],
    options: { groups: 5, stride: 2 },
    means: { groups: 5, stride: [2, 2] },
  },
  {
    what: 'depthwise with multiplier 2',
    input: [1, 3, 6, 5],
    weight: [6, 1, 3, 2],
    options: { groups: 3 },
    means: { groups: 3 },
    bias: true,
  },
  { what: '1x1 input', input: [3, 7, 1, 1], weight: [5, 7, 1, 1], bias: true },
  {
    what: '1x1 input under a 3x3 kernel',
    input: [1, 2, 1, 1],
    weight: [3, 2, 3, 3],
    options: { padding: 1 },
    means: { pad: [1, 1, 1, 1] },
  },
  {
    what: '1x1 kernel, stride 2',
    input: [2, 7, 5, 4],
    weight: [3, 7, 1, 1],
    options: { stride: 2 },
    means: { stride: [2, 2] },
  },
  { what: '5x5', input: [1, 3, 9, 7], weight: [2, 3, 5, 5], options: { padding: 2 }, means: { pad: [2, 2, 2, 2] } },
  { what: '7x7, as large as the input', input: [2, 1, 7, 7], weight: [3, 1, 7, 7], bias: true },
  {
    what: "many channels, 3x3 'same', a full tile",
    input: [5, 9, 6, 28],
    weight: [32, 9, 3, 3],
    options: { padding: 'same' },
    means: { pad: [1, 1, 1, 1] },
    bias: true,
  },
  {
    what: 'many channels, nothing divisible by a tile',
    input: [2, 13, 5, 17],
    weight: [21, 13, 3, 3],
    options: { padding: [0, 1] },
    means: { pad: [0, 1, 0, 1] },
    bias: true,
  },
  { what: 'many channels, even kernel', input: [1, 8, 5, 9], weight: [8, 8, 2, 4] },
  {
    what: 'many channels, padding wider than the kernel',
    input: [2, 9, 4, 9],
    weight: [11, 9, 3, 3],
    options: { padding: 4 },
    means: { pad: [4, 4, 4, 4] },
  },
  { what: 'many channels, 1x1 kernel', input: [2, 19, 3, 15], weight: [10, 19, 1, 1], bias: true },
  {
    what: 'many channels, 5x5',
    input: [1, 8, 6, 10],
    weight: [9, 8, 5, 5],
    options: { padding: 2 },
    means: { pad: [2, 2, 2, 2] },
    bias: true,
  },
  { what: 'rows of 1', input: [1, 1, 1, 40], weight: [1, 1, 1, 9], bias: true },
];

export function problemOf({ input, weight, means = {} }: Conv2dCase): Conv2dProblem {
  return { input, weight, stride: [1, 1], dilation: [1, 1], pad: [0, 0, 0, 0], groups: 1, ...means };
}
