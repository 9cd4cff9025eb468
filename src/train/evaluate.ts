import { noGrad } from '../autograd/mode';
import type { Loader } from '../data/loader';
import { confusionMatrix } from '../metrics';
import { crossEntropy, type Module } from '../nn';
import { zeros } from '../tensor/create';
import { tidy } from '../tensor/scope';
import { Totals, type Summary } from './totals';

export interface Evaluation extends Summary {
  /** Inputs of class row that were taken for class column, `[classes · classes]`, row by row. */
  readonly confusion: Int32Array;
  readonly classes: number;
}

/** Runs a classifier in evaluation mode over all of `loader`; its mode is restored afterwards. */
export async function evaluate(model: Module, loader: Loader, classes: number): Promise<Evaluation> {
  const { training } = model;
  model.eval();
  const totals = new Totals(loader.device);
  const confusion = zeros([classes, classes], { device: loader.device, dtype: 'int32' });
  try {
    for await (const [inputs, labels] of loader) {
      tidy(() => {
        noGrad(() => {
          const logits = model.forward(inputs);
          totals.add(crossEntropy(logits, labels), logits, labels);
          totals.count(labels.size);
          confusionMatrix(logits, labels, classes, confusion);
        });
      });
    }
    const [summary, counts] = await Promise.all([totals.read(), confusion.data()]);
    return { ...summary, confusion: Int32Array.from(counts), classes };
  } finally {
    totals.dispose();
    confusion.dispose();
    model.train(training);
  }
}
