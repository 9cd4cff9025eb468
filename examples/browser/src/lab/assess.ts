import type { data, nn } from 'wgrad';
import type { Assessment, Mistake } from '../protocol';
import { logProbabilities } from './network';

const CLASSES = 10;
const MOST_MISTAKES = 12;

interface Miss {
  index: number;
  label: number;
  predicted: number;
  loss: number;
  probability: number;
}

/** Reads every image of the (unshuffled) loader: accuracy, confusion matrix and the worst mistakes. */
export async function assess(model: nn.Sequential, loader: data.Loader): Promise<Assessment> {
  const { labels, inputs, count } = loader.dataset;
  const confusion = new Int32Array(CLASSES * CLASSES);
  const misses: Miss[] = [];
  let index = 0;
  let loss = 0;
  for await (const [images] of loader) {
    const scores = logProbabilities(model, images);
    const values = await scores.data();
    scores.dispose();
    for (let row = 0; row < images.shape[0]; row++, index++) {
      const answer = values.subarray(row * CLASSES, (row + 1) * CLASSES);
      const label = labels[index];
      const predicted = answer.indexOf(Math.max(...answer));
      loss -= answer[label];
      confusion[label * CLASSES + predicted]++;
      if (predicted !== label) {
        misses.push({ index, label, predicted, loss: -answer[label], probability: Math.exp(answer[predicted]) });
      }
    }
  }
  const worst = misses.sort((a, b) => b.loss - a.loss).slice(0, MOST_MISTAKES);
  const mistakes = worst.map(({ index: at, label, predicted, probability }): Mistake => {
    const pixels = Uint8Array.from(inputs.subarray(at * 784, (at + 1) * 784));
    return { pixels, label, predicted, probability };
  });
  return { loss: loss / count, accuracy: 1 - misses.length / count, count, confusion, mistakes };
}
