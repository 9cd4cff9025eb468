import type { Trial, VariantTable } from '../../variants/variant';
import type { Device } from '../../runtime/device';
import { rand } from '../../tensor/create';
import type { Tensor } from '../../tensor/tensor';
import type { Conv2dGeometry } from './geometry';
import type {
  Conv2dForward,
  Conv2dInputGradient,
  Conv2dTable,
  Conv2dVariant,
  Conv2dWeightGradient,
} from './variant-types';

/** Every size, as text: those that are as usual are left out. */
function shapeKey(geometry: Conv2dGeometry): string {
  const { batch, inChannels, outChannels, groups, height, width, outHeight, outWidth } = geometry;
  const { kernelHeight, kernelWidth, strideH, strideW, dilationH, dilationW, padTop, padLeft } = geometry;
  let text = `${batch}x${inChannels}x${height}x${width} to ${outChannels}x${outHeight}x${outWidth}`;
  text += ` by ${kernelHeight}x${kernelWidth} from ${-padTop},${-padLeft}`;
  if (strideH * strideW > 1) text += ` stride ${strideH},${strideW}`;
  if (dilationH * dilationW > 1) text += ` dilation ${dilationH},${dilationW}`;
  return groups > 1 ? `${text} groups ${groups}` : text;
}

/** The tensors of one convolution, in which each gradient takes the place of what it belongs to. */
interface Operands {
  readonly input: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly out: Tensor;
}

/** A result and the variants for it; `run` launches one of them. */
function table<Launch>(
  name: string,
  variants: Conv2dTable<Launch>,
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

export const forwardTable = (variants: Conv2dTable<Conv2dForward>) =>
  table('conv2d', variants, (launch, geometry, { input, weight, bias, out }) => {
    launch(geometry, input, weight, bias, 'none', out);
  });

export const inputGradientTable = (variants: Conv2dTable<Conv2dInputGradient>) =>
  table('conv2d to input', variants, (launch, geometry, { input, weight, out }) => {
    launch(geometry, out, weight, input);
  });

export const weightGradientTable = (variants: Conv2dTable<Conv2dWeightGradient>) =>
  table('conv2d to weight', variants, (launch, geometry, { input, weight, bias, out }) => {
    launch(geometry, input, out, weight, bias);
  });
