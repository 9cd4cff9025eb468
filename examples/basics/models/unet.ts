// A tiny U-Net: finds the pixels of the disc in noisy pictures of a disc and a square.
import { abs, add, arange, capture, concat, gt, lt, maximum, minimum, mul, nn, noGrad, open, optim, rand } from 'wgrad';
import { randn, reshape, square, sub, sum, type Tensor } from 'wgrad';

const SIZE = 24;
const device = await open({ seed: 7 });

/** Pictures and masks, both [count, 1, SIZE, SIZE]: the mask is 1 on the disc. */
function scenes(count: number): [pictures: Tensor, masks: Tensor] {
  const row = reshape(arange(SIZE), [SIZE, 1]);
  const column = arange(SIZE); // broadcast with a row: [SIZE, SIZE]
  const centre = () => add(mul(rand([count, 1, 1, 1]), SIZE - 12), 6);
  const disc = lt(add(square(sub(row, centre())), square(sub(column, centre()))), 5 ** 2);
  const box = lt(maximum(abs(sub(row, centre())), abs(sub(column, centre()))), 5);
  return [add(maximum(disc, box), mul(randn([count, 1, SIZE, SIZE]), 0.3)), disc];
}

const block = (from: number, to: number) =>
  nn.sequential(
    nn.conv2d(from, to, 3, { padding: 'same', bias: false }),
    nn.batchNorm2d(to),
    nn.relu(),
    nn.conv2d(to, to, 3, { padding: 'same', bias: false }),
    nn.batchNorm2d(to),
    nn.relu(),
  );

class UNet extends nn.Module {
  readonly fine = block(1, 8);
  readonly coarse = block(8, 16);
  readonly bottom = block(16, 32);
  readonly pool = nn.maxPool2d(2);
  readonly up1 = nn.convTranspose2d(32, 16, 2, { stride: 2 }); // doubles height and width
  readonly merge1 = block(32, 16);
  readonly up2 = nn.convTranspose2d(16, 8, 2, { stride: 2 });
  readonly merge2 = block(16, 8);
  readonly head = nn.conv2d(8, 1, 1);

  override forward(x: Tensor): Tensor {
    const fine = this.fine.forward(x); // [batch, 8, SIZE, SIZE]
    const coarse = this.coarse.forward(this.pool.forward(fine)); // [batch, 16, SIZE / 2, SIZE / 2]
    const bottom = this.bottom.forward(this.pool.forward(coarse)); // [batch, 32, SIZE / 4, SIZE / 4]
    // On the way up each resolution sees what the way down found there.
    const middle = this.merge1.forward(concat([this.up1.forward(bottom), coarse], 1));
    return this.head.forward(this.merge2.forward(concat([this.up2.forward(middle), fine], 1)));
  }
}

const model = new UNet();
const adam = optim.adam(model, { lr: 0.01 });
const step = capture((pictures: Tensor, masks: Tensor) => {
  const loss = nn.bceWithLogits(model.forward(pictures), masks);
  loss.backward();
  adam.step();
  return loss;
});
for (let i = 0; i <= 80; i++) {
  const loss = step(...scenes(16));
  if (i % 20 === 0) console.log(`step ${i}: loss ${(await loss.item()).toFixed(3)}`);
}

// Intersection over union, on pictures that it has not seen.
model.eval();
const [pictures, masks] = scenes(32);
const found = noGrad(() => gt(model.forward(pictures), 0));
const iou = (await sum(minimum(found, masks)).item()) / (await sum(maximum(found, masks)).item());
console.log(`IoU ${iou.toFixed(3)}`);
device.destroy();
