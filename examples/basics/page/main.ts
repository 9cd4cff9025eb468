// Inference in a page: weights from a safetensors file, pixels from an <img>, the answer as text.
import { argmax, loadSafetensors, noGrad, open, softmax, tensor, tidy } from 'wgrad';
import weightsUrl from '../../browser/model/mnist-cnn.safetensors?url';
import { mnistModel, sizesOf } from '../../model';

const answer = document.querySelector<HTMLOutputElement>('#answer');
const image = document.querySelector<HTMLImageElement>('#digit');
if (!answer || !image) throw new Error('the page lacks its digit or its answer');

await open();
const weights = await loadSafetensors(await (await fetch(weightsUrl)).blob());
const model = mnistModel(sizesOf(weights));
model.loadStateDict(weights);
model.eval(); // BatchNorm by its running statistics, no dropout

/** The red channel of the image's pixels, as the network was trained to see them: mean 0.1307 and deviation 0.3081 removed. */
async function pixelsOf(image: HTMLImageElement): Promise<Float32Array> {
  await image.decode();
  const context = new OffscreenCanvas(28, 28).getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  context.drawImage(image, 0, 0, 28, 28);
  const { data } = context.getImageData(0, 0, 28, 28); // RGBA
  return Float32Array.from({ length: 28 * 28 }, (_, i) => ((data[4 * i] ?? 0) / 255 - 0.1307) / 0.3081);
}

const pixels = await pixelsOf(image);
const [digit, probabilities] = noGrad(() =>
  tidy(() => {
    const logits = model.forward(tensor(pixels, { shape: [1, 1, 28, 28] }));
    return [argmax(logits, 1), softmax(logits)] as const;
  }),
);
const n = await digit.item();
answer.value = `It is a ${n}, with a probability of ${((await probabilities.data())[n] ?? 0).toFixed(3)}.`;
