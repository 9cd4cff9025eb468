// A small GPT: learns to predict the next character of a text, and then writes a line of its own.
import { readFile } from 'node:fs/promises';
import { add, capture, data, matmul, mul, multinomial, nn, noGrad, ones, open, optim, permute } from 'wgrad';
import { reshape, slice, softmax, tensor, tril, where, type Tensor } from 'wgrad';

const [BATCH, CONTEXT, WIDTH, HEADS] = [16, 24, 48, 4];
const device = await open({ seed: 7 });
const text = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
const vocabulary = [...new Set(text)].sort();
const tokens = Int32Array.from(text, (character) => vocabulary.indexOf(character));
const visible = tril(ones([CONTEXT, CONTEXT])); // row i has ones up to i: a position sees itself and those before it

class CausalAttention extends nn.Module {
  readonly query = nn.linear(WIDTH, WIDTH);
  readonly key = nn.linear(WIDTH, WIDTH);
  readonly value = nn.linear(WIDTH, WIDTH);
  readonly out = nn.linear(WIDTH, WIDTH);

  override forward(x: Tensor): Tensor {
    const size = WIDTH / HEADS;
    // [batch, CONTEXT, WIDTH] -> [batch, HEADS, CONTEXT, size]
    const heads = (y: Tensor) => permute(reshape(y, [-1, CONTEXT, HEADS, size]), [0, 2, 1, 3]);
    const [query, key] = [heads(this.query.forward(x)), heads(this.key.forward(x))];
    const scores = mul(matmul(query, key, { transposeB: true }), 1 / Math.sqrt(size));
    const weights = softmax(where(visible, scores, -Infinity), 3); // [batch, HEADS, CONTEXT, CONTEXT]
    const mixed = permute(matmul(weights, heads(this.value.forward(x))), [0, 2, 1, 3]);
    return this.out.forward(reshape(mixed, [-1, CONTEXT, WIDTH]));
  }
}

class Block extends nn.Module {
  readonly attend = nn.sequential(nn.layerNorm(WIDTH), new CausalAttention());
  readonly hidden = nn.sequential(nn.layerNorm(WIDTH), nn.linear(WIDTH, 4 * WIDTH), nn.gelu());
  readonly out = nn.linear(4 * WIDTH, WIDTH);

  override forward(x: Tensor): Tensor {
    const attended = add(x, this.attend.forward(x));
    return add(attended, this.out.forward(this.hidden.forward(attended)));
  }
}

class GPT extends nn.Module {
  readonly token = nn.embedding(vocabulary.length, WIDTH);
  readonly position = nn.embedding(CONTEXT, WIDTH);
  readonly layers = nn.sequential(new Block(), new Block(), nn.layerNorm(WIDTH), nn.linear(WIDTH, vocabulary.length));

  /** Scores of the next character at each position: [batch, CONTEXT] -> [batch, CONTEXT, vocabulary]. */
  override forward(ids: Tensor<'int32'>): Tensor {
    return this.layers.forward(add(this.token.forward(ids), this.position.weight));
  }
}

const model = new GPT();
const adamW = optim.adamW(model, { lr: 0.006 });
const train = capture((ids: Tensor<'int32'>, next: Tensor<'int32'>) => {
  const loss = nn.crossEntropy(permute(model.forward(ids), [0, 2, 1]), next); // the classes are axis 1
  loss.backward();
  adamW.step();
  return loss;
});
const window = (start: number) => tokens.subarray(start, start + CONTEXT);
const starts = Array.from(data.shuffledOrder(tokens.length - CONTEXT, 7, 0));
for (let step = 0; step <= 300; step++) {
  const from = starts.splice(0, BATCH);
  const loss = train(tensor(from.map(window)), tensor(from.map((start) => window(start + 1))));
  if (step % 100 === 0) console.log(`step ${step}: loss ${(await loss.item()).toFixed(3)}`);
}

const draw = capture((ids: Tensor<'int32'>) => {
  const last = slice(model.forward(ids), [0, CONTEXT - 1], [1, CONTEXT]);
  return noGrad(() => multinomial(softmax(reshape(last, [-1])), 1));
});
const written = Array.from(window(0));
for (let i = 0; i < 60; i++) written.push(await draw(tensor([written.slice(-CONTEXT)], { dtype: 'int32' })).item());
console.log(`writes: ${JSON.stringify(written.map((id) => vocabulary[id]).join(''))}`);
device.destroy();
