// Measures which kernel variant is the fastest for each shape that a program uses, on the machine that it runs on.
import { matmul, noGrad, open, rand, tidy, tune } from 'wgrad';

const device = await open({ seed: 7 });
const a = rand([256, 128]);
const b = rand([128, 10]);

// tune() runs the function without computing anything, to learn its shapes, and times the variants on random numbers.
const { shapes } = await tune(() => noGrad(() => tidy(() => matmul(a, b))), { log: () => undefined });

for (const { problem, winner, defaultVariant, ms } of shapes) {
  console.log(`${problem}: ${winner} (the written table picks ${defaultVariant})`);
  const byTime = Object.entries(ms).sort(([, one], [, other]) => one - other);
  for (const [variant, time] of byTime) console.log(`  ${variant}: ${time.toFixed(3)} ms`);
}

// From here on the winners are used, and later runs find them in the cache folder. To compute with the same variants, and so
// get the same bits, on any day: store this record with the results, and open the device with it.
console.log(matmul(a, b).shape);
const record = device.variants.record();
device.destroy();
const again = await open({ seed: 7, variants: record });
console.log(JSON.stringify(again.variants.record()) === JSON.stringify(record) ? 'same variants' : 'other variants');
again.destroy();
