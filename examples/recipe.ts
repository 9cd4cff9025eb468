import { data, optim, type nn } from 'wgrad';
import type { MnistSet } from './data/mnist-set';

/** Mean and deviation of MNIST's training pixels, on a scale of 0 to 1. */
export const MEAN = 0.1307;
export const STD = 0.3081;

export const asDataset = ({ images, labels }: Pick<MnistSet, 'images' | 'labels'>): data.Dataset =>
  data.dataset({ inputs: images, labels, shape: [1, 28, 28], mean: MEAN, std: STD });

/** How the network is trained: Adam, whose learning rate falls when the loss of half an epoch is not much better. */
export function recipe(model: nn.Module, loader: data.Loader, lr: number) {
  const optimizer = optim.adam(model.parameters(), { lr });
  const scheduler = optim.reduceLROnPlateau(optimizer, { factor: 0.3, patience: 0, threshold: 0.25, minLr: 1e-5 });
  return { optimizer, scheduler, schedulerEvery: Math.ceil(loader.length / 2) };
}
