import { nn, type StateDict } from 'wgrad';

export interface ModelOptions {
  /** Channels of the first and of the second pair of convolutions. */
  channels?: readonly [number, number];
  /** Widths of the two dense layers before the output layer. */
  dense?: readonly [number, number];
  /** Dropout after each pair of convolutions and after each dense layer. */
  dropout?: readonly [number, number];
}

/**
 * The classic CNN for MNIST: images `[N, 1, 28, 28]` to logits `[N, 10]` through four convolutions and two dense layers, each
 * with ReLU and BatchNorm, and dropout.
 */
export function mnistModel({
  channels = [32, 64],
  dense = [256, 128],
  dropout = [0.25, 0.4],
}: ModelOptions = {}): nn.Sequential {
  const [first, second] = channels;
  const convolution = (from: number, to: number) => [
    nn.conv2d(from, to, 3, { padding: 'same' }),
    nn.relu(),
    nn.batchNorm2d(to),
  ];
  const denseLayer = (from: number, to: number) => [
    nn.linear(from, to),
    nn.relu(),
    nn.batchNorm1d(to),
    nn.dropout(dropout[1]),
  ];
  return nn.sequential(
    ...convolution(1, first),
    ...convolution(first, first),
    nn.maxPool2d(2),
    nn.dropout(dropout[0]),
    ...convolution(first, second),
    ...convolution(second, second),
    nn.maxPool2d(2),
    nn.dropout(dropout[0]),
    nn.flatten(),
    ...denseLayer(second * 7 * 7, dense[0]),
    ...denseLayer(dense[0], dense[1]),
    nn.linear(dense[1], 10),
  );
}

/** The sizes of the network whose weights these are. Throws when they are of no such network. */
export function sizesOf(weights: StateDict): Required<Pick<ModelOptions, 'channels' | 'dense'>> {
  const [first, second, wide, narrow] = ['0', '8', '17', '21'].map((layer) => {
    const name = `${layer}.weight`;
    if (!Object.hasOwn(weights, name)) throw new Error(`expected the weights of the digit network, ${name} is missing`);
    return weights[name].shape[0];
  });
  return { channels: [first, second], dense: [wide, narrow] };
}
