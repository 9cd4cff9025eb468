import type { Trial, VariantTable } from '../../variants/variant';
import type { Device } from '../../runtime/device';
import { rand } from '../../tensor/create/create';
import type { Tensor } from '../../tensor/tensor';
import type { Conv2dGeometry } from './geometry';
import { generalForward, generalInputGradient, generalWeightGradient } from './general';
import { rowsForward, rowsInputGradient } from './rows';
import { rowsWeightGradient } from './rows-weight';
import { tiledForward, tiledInputGradient } from './tiled';
import { tiledWeightGradient } from './tiled-weight';
import type { Conv2dForward, Conv2dInputGradient, Conv2dVariant, Conv2dWeightGradient } from './variant';

/** Every size, as text, without those that have their default. */
function shapeKey(geometry: Conv2dGeometry): string {
  const { batch, inChannels, outChannels, groups, height, width, outHeight, outWidth } = geometry;
  const { kernelHeight, kernelWidth, strideH, strideW, dilationH, dilationW, padTop, padLeft } = geometry;
  let text = `${batch}x${inChannels}x${height}x${width} to ${outChannels}x${outHeight}x${outWidth}`;
  text += ` by ${kernelHeight}x${kernelWidth} from ${-padTop},${-padLeft}`;
  if (strideH * strideW > 1) text += ` stride ${strideH},${strideW}`;
  if (dilationH * dilationW > 1) text += ` dilation ${dilationH},${dilationW}`;
  return groups > 1 ? `${text} groups ${groups}` : text;
}

/** The tensors of one convolution; a gradient is read or written in place of the tensor that it belongs to. */
interface Operands {
  readonly input: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly out: Tensor;
}

/** The table for one result; `run` launches a variant on the tensors of a trial. */
function table<Launch>(
  name: string,
  variants: readonly Conv2dVariant<Launch>[],
  run: (launch: Launch, geometry: Conv2dGeometry, operands: Operands) => void,
): VariantTable<Conv2dGeometry, Conv2dVariant<Launch>, Device> {
  const trial = (geometry: Conv2dGeometry, device: Device): Trial<Conv2dVariant<Launch>> => {
    const { batch, inChannels, outChannels, groups, height, width, outHeight, outWidth } = geometry;
    const { kernelHeight, kernelWidth } = geometry;
    const operands: Operands = {
      input: rand([batch, inChannels, height, width], { device }),
      weight: rand([outChannels, inChannels / groups, kernelHeight, kernelWidth], { device }),
      bias: rand([outChannels], { device }),
      out: rand([batch, outChannels, outHeight, outWidth], { device }),
    };
    return {
      launch: (variant) => {
        run(variant.launch, geometry, operands);
      },
      dispose: () => {
        for (const tensor of Object.values(operands) as Tensor[]) tensor.dispose();
      },
    };
  };
  return { name, variants, shapeKey, trial };
}

/**
 * The variants for the output, from the special to the general; the first that is preferred and supported is the
 * default.
 */
export const forwardVariants: readonly Conv2dVariant<Conv2dForward>[] = [rowsForward, ...tiledForward, generalForward];
/** The variants for the gradient to the input. */
export const inputGradientVariants: readonly Conv2dVariant<Conv2dInputGradient>[] = [
  rowsInputGradient,
  ...tiledInputGradient,
  generalInputGradient,
];
/** The variants for the gradients to weight and bias. */
export const weightGradientVariants: readonly Conv2dVariant<Conv2dWeightGradient>[] = [
  rowsWeightGradient,
  ...tiledWeightGradient,
  generalWeightGradient,
];

export const FORWARD = table('conv2d', forwardVariants, (launch, geometry, { input, weight, bias, out }) => {
  launch(geometry, input, weight, bias, 'none', out);
});
export const TO_INPUT = table('conv2d to input', inputGradientVariants, (launch, geometry, { input, weight, out }) => {
  launch(geometry, out, weight, input);
});
export const TO_WEIGHT = table(
  'conv2d to weight',
  weightGradientVariants,
  (launch, geometry, { input, weight, bias, out }) => {
    launch(geometry, input, out, weight, bias);
  },
);
