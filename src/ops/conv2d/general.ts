import type { Params } from '../../wgsl/params';
import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { Tensor } from '../../tensor/tensor';
import { BUSY_INVOCATIONS, channelTile, LONGEST_SUM, MAX_PARTIAL_ELEMENTS } from '../../variants/cost-model';
import { activationParams } from '../elementwise/activation';
import type { Conv2dGeometry } from './geometry';
import { conv2dFlops, windowParams } from './params';
import type { Conv2dForward, Conv2dInputGradient, Conv2dVariant, Conv2dWeightGradient } from './variant';
import { reduceInto } from '../reduce/reduce-kernel';

const FORWARD = elementKernel('conv2d_forward', () => import('./general-shaders.lazy'));
const INPUT_GRADIENT = elementKernel('conv2d_input_gradient', () => import('./general-shaders.lazy'));
const WEIGHT_GRADIENT = elementKernel('conv2d_weight_gradient', () => import('./general-shaders.lazy'));

/** The uniforms of conv2d/general.wgsl and window.wgsl, for `count` invocations. */
function generalParams(geometry: Conv2dGeometry, count: number): Params {
  return {
    count,
    batch: geometry.batch,
    groups: geometry.groups,
    group_inputs: geometry.inChannels / geometry.groups,
    group_outputs: geometry.outChannels / geometry.groups,
    ...windowParams(geometry),
  };
}

const forward: Conv2dForward = (geometry, input, weight, bias, activation, out) => {
  const { batch, groups, outChannels, outHeight, outWidth } = geometry;
  const tile = channelTile(outChannels / groups);
  const count = batch * groups * Math.ceil(outChannels / groups / tile) * outHeight * outWidth;
  launchElements(
    out.device,
    'conv2d',
    FORWARD,
    count,
    bias ? [input, weight, bias, out] : [input, weight, out],
    { ...generalParams(geometry, count), ...activationParams(activation) },
    { TILE: tile, BIAS: bias ? 1 : 0 },
    conv2dFlops(geometry),
  );
};

const inputGradient: Conv2dInputGradient = (geometry, gradOut, weight, gradInput) => {
  const { batch, groups, inChannels, height, width } = geometry;
  const tile = channelTile(inChannels / groups);
  const count = batch * groups * Math.ceil(inChannels / groups / tile) * height * width;
  launchElements(
    gradInput.device,
    'conv2d',
    INPUT_GRADIENT,
    count,
    [gradOut, weight, gradInput],
    generalParams(geometry, count),
    { TILE: tile },
    conv2dFlops(geometry),
  );
};

/** Output rows (of all images) a slice: few enough for short sums and a busy adapter, as many as memory asks for. */
function sliceRows({ batch, outHeight, outWidth }: Conv2dGeometry, weights: number, busy: number): number {
  const rows = batch * outHeight;
  const slices = Math.max(Math.ceil((rows * outWidth) / LONGEST_SUM), Math.ceil(busy / weights));
  return Math.ceil(rows / Math.max(1, Math.min(slices, rows, Math.floor(MAX_PARTIAL_ELEMENTS / weights))));
}

const weightGradient: Conv2dWeightGradient = (geometry, input, gradOut, gradWeight, gradBias) => {
  if (gradBias) reduceInto('conv2d', 'sum', gradOut, [0, 2, 3], 1, gradBias);
  const { batch, groups, inChannels, outChannels, outHeight, kernelHeight, kernelWidth } = geometry;
  const { device } = gradWeight;
  const tile = channelTile(outChannels / groups);
  const rowsEach = sliceRows(geometry, gradWeight.size, BUSY_INVOCATIONS[device.info.kind] * tile);
  const slices = Math.ceil((batch * outHeight) / rowsEach);
  const tiles = groups * Math.ceil(outChannels / groups / tile);
  const count = slices * tiles * (inChannels / groups) * kernelHeight * kernelWidth;
  const target = slices === 1 ? gradWeight : Tensor.empty([slices, gradWeight.size], 'float32', device, 'conv2d');
  launchElements(
    device,
    'conv2d',
    WEIGHT_GRADIENT,
    count,
    [input, gradOut, target],
    { ...generalParams(geometry, count), slice_rows: rowsEach },
    { TILE: tile },
    conv2dFlops(geometry),
  );
  if (slices === 1) return;
  reduceInto('conv2d', 'sum', target, [0], 1, gradWeight);
  target.dispose();
};

const everything = (): boolean => true;

/** The variants that stand last in the three tables: right for every shape and device. */
export const generalForward: Conv2dVariant<Conv2dForward> = { name: 'general', preferred: everything, launch: forward };
export const generalInputGradient: Conv2dVariant<Conv2dInputGradient> = {
  name: 'general',
  preferred: everything,
  launch: inputGradient,
};
export const generalWeightGradient: Conv2dVariant<Conv2dWeightGradient> = {
  name: 'general',
  preferred: everything,
  launch: weightGradient,
};
