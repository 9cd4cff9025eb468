import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { data, metrics, open, saveSafetensors, train } from 'wgrad';
import { loadMnist } from './mnist-data';
import { mnistModel } from './model';
import { asDataset, recipe } from './recipe';
import { readOptions, settingsFor, type Options } from './mnist/options';
import { clock, percent, ProgressLine } from './mnist/progress';

async function main(options: Options): Promise<void> {
  const started = performance.now();
  // Before an hour of training rather than after it.
  await access(dirname(resolve(options.save)), constants.W_OK).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`--save ${options.save}: cannot write to its folder (${code})`, { cause: error });
  });
  const say = (line: string) => {
    console.log(line);
  };
  const device = await open({ seed: options.seed, powerPreference: 'high-performance' });
  const settings = settingsFor(options, device.info);
  const { epochs, batchSize, lr } = settings;
  say(
    `Adapter: ${device.info.description || device.info.device || device.info.vendor}${device.info.kind === 'cpu' ? ', in software: small defaults that fit the machine' : ''}`,
  );
  const mnist = await loadMnist({ dir: options.data, full: settings.full, seed: options.seed, log: say });

  const model = mnistModel(settings);
  const trainLoader = data.loader(asDataset(mnist.train), { batchSize, shuffle: true });
  const testLoader = data.loader(asDataset(mnist.test), { batchSize: 250 });
  const { optimizer, scheduler, schedulerEvery } = recipe(model, trainLoader, lr);
  const weights = model.parameters().reduce((count, parameter) => count + parameter.size, 0);
  say(
    `Training ${weights.toLocaleString('en')} weights: ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of ${trainLoader.length} batches of ${batchSize}, Adam at ${lr}, seed ${options.seed}`,
  );

  const line = new ProgressLine(epochs);
  let result: train.Evaluation | undefined;
  let epochStart = performance.now();
  await train.fit({
    model,
    optimizer,
    loader: trainLoader,
    epochs,
    scheduler,
    schedulerEvery,
    onFirstStep: ({ seconds, kernels }) => {
      say(`First step after ${seconds.toFixed(1)} s (${kernels} kernels compiled)`);
    },
    onProgress: (progress) => {
      line.update(progress);
    },
    onEpoch: async (epoch, { loss, accuracy }) => {
      line.clear();
      const seconds = (performance.now() - epochStart) / 1000;
      const held = await train.evaluate(model, testLoader, 10);
      result = held;
      say(
        `epoch ${epoch + 1}/${epochs}: loss ${loss.toFixed(6)}, accuracy ${percent(accuracy)} | ` +
          `held out: loss ${held.loss.toFixed(6)}, accuracy ${percent(held.accuracy)} | next lr ${optimizer.lr.toPrecision(2)} | ${clock(seconds)}`,
      );
      epochStart = performance.now();
    },
  });

  if (!result) throw new Error('no epoch was completed');
  say(`\nConfusion matrix (rows: label, columns: prediction)\n${metrics.formatConfusionMatrix(result.confusion, 10)}`);
  say(
    `\nTest accuracy: ${percent(result.accuracy)} on ${mnist.test.count.toLocaleString('en')} images${mnist.small ? ' of the small set' : ''}`,
  );
  await saveSafetensors(options.save, model.stateDict(), {
    model: 'mnist-cnn',
    channels: String(settings.channels),
    dense: String(settings.dense),
  });
  say(`Weights: ${options.save}\nTook ${clock((performance.now() - started) / 1000)} in all`);
  device.destroy();
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(`mnist: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
