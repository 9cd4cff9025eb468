import { beforeAll, describe, expect, it } from 'vitest';
import * as wgrad from '../../src/index';
import { data, nn, optim, train } from '../../src/index';
import * as activation from '../../src/nn/layers/activation';
import * as unary from '../../src/ops/elementwise/unary';
import { testDevice } from '../support/device';

// Every function of the public API that takes options refuses those that it does not know.

beforeAll(async () => {
  await testDevice();
});

interface Case {
  /** The name in messages. */
  readonly name: string;
  /** All options; one that is added to the interface and not here does not compile. */
  readonly keys: readonly string[];
  call(options: never): unknown;
}

/** A case for a function whose options are `O`. */
function options<O>(name: string, keys: Readonly<Record<keyof O, true>>, call: (options: O) => unknown): Case {
  return { name, keys: Object.keys(keys), call };
}

const x = () => wgrad.rand([2, 3]);
const images = () => wgrad.rand([1, 1, 4, 4]);
const classes = () => wgrad.tensor(Int32Array.of(0, 1));
const param = () => wgrad.ones([2], { requiresGrad: true });
const sgd = () => optim.sgd([param()]);
const set = () => data.dataset({ inputs: new Uint8Array(4), shape: [2], labels: new Uint8Array(2) });
const create = { device: true, dtype: true, requiresGrad: true } as const;
const plane = { stride: true, padding: true } as const;
const conv = { ...plane, dilation: true, groups: true } as const;
const adamKeys = { lr: true, betas: true, eps: true, weightDecay: true, amsgrad: true } as const;
const norm = { eps: true, momentum: true, affine: true, trackRunningStats: true, device: true } as const;
const resize = { size: true, scaleFactor: true, mode: true, alignCorners: true } as const;
const kaiming = { a: true, mode: true, nonlinearity: true } as const;

/** By the function's name in the public API. */
const CASES: Readonly<Record<string, Case>> = {
  open: options<wgrad.OpenOptions>(
    'open',
    { seed: true, debug: true, tune: true, variants: true, log: true, powerPreference: true, features: true },
    (o) => wgrad.open(o),
  ),
  tune: options<wgrad.TuneOptions>('tune', { device: true, log: true }, (o) => wgrad.tune(undefined, o)),
  profile: options<wgrad.ProfileOptions>('profile', { device: true }, (o) => wgrad.profile(() => 0, o)),
  gradcheck: options<wgrad.GradcheckOptions>(
    'gradcheck',
    { eps: true, atol: true, rtol: true, elements: true, directions: true, seed: true, name: true },
    (o) => wgrad.gradcheck((t) => t, [param()], o),
  ),
  tensor: options<wgrad.TensorOptions>('tensor', { ...create, shape: true }, (o) => wgrad.tensor([1], o)),
  full: options<wgrad.CreateOptions>('full', create, (o) => wgrad.full([1], 1, o)),
  zeros: options<wgrad.CreateOptions>('zeros', create, (o) => wgrad.zeros([1], o)),
  ones: options<wgrad.CreateOptions>('ones', create, (o) => wgrad.ones([1], o)),
  arange: options<wgrad.CreateOptions>('arange', create, (o) => wgrad.arange(0, 2, 1, o)),
  eye: options<wgrad.CreateOptions>('eye', create, (o) => wgrad.eye(2, 2, o)),
  rand: options<wgrad.CreateOptions>('rand', create, (o) => wgrad.rand([1], o as object)),
  randn: options<wgrad.CreateOptions>('randn', create, (o) => wgrad.randn([1], o as object)),
  randint: options<wgrad.CreateOptions>('randint', create, (o) => wgrad.randint(0, 2, [1], o as object)),
  zerosLike: options<wgrad.CreateOptions>('zerosLike', create, (o) => wgrad.zerosLike(x(), o)),
  onesLike: options<wgrad.CreateOptions>('onesLike', create, (o) => wgrad.onesLike(x(), o)),
  randLike: options<wgrad.CreateOptions>('randLike', create, (o) => wgrad.randLike(x(), o as object)),
  randnLike: options<wgrad.CreateOptions>('randnLike', create, (o) => wgrad.randnLike(x(), o as object)),
  fromSafetensors: options<wgrad.FromSafetensorsOptions>(
    'fromSafetensors',
    { name: true, device: true, names: true },
    (o) => wgrad.fromSafetensors(new Uint8Array(8), o),
  ),
  loadSafetensors: options<NonNullable<Parameters<typeof wgrad.loadSafetensors>[1]>>(
    'loadSafetensors',
    { device: true, names: true },
    (o) => wgrad.loadSafetensors(new Blob([]), o),
  ),
  avgPool2d: options<wgrad.AvgPool2dOptions>('avgPool2d', { ...plane, countIncludePad: true }, (o) =>
    wgrad.avgPool2d(images(), 2, o),
  ),
  maxPool2d: options<wgrad.MaxPool2dOptions>('maxPool2d', { ...plane, dilation: true, dropout: true }, (o) =>
    wgrad.maxPool2d(images(), 2, o),
  ),
  batchNorm: options<wgrad.BatchNormOptions>(
    'batchNorm',
    {
      weight: true,
      bias: true,
      runningMean: true,
      runningVar: true,
      numBatchesTracked: true,
      training: true,
      momentum: true,
      eps: true,
      relu: true,
      dropout: true,
    },
    (o) => wgrad.batchNorm(x(), o),
  ),
  conv2d: options<NonNullable<Parameters<typeof wgrad.conv2d>[3]>>('conv2d', { ...conv, activation: true }, (o) =>
    wgrad.conv2d(images(), wgrad.rand([1, 1, 2, 2]), null, o),
  ),
  convTranspose2d: options<wgrad.ConvTranspose2dOptions>('convTranspose2d', { ...conv, outputPadding: true }, (o) =>
    wgrad.convTranspose2d(images(), wgrad.rand([1, 1, 2, 2]), null, o),
  ),
  layerNorm: options<wgrad.LayerNormOptions>('layerNorm', { weight: true, bias: true, eps: true }, (o) =>
    wgrad.layerNorm(x(), 3, o),
  ),
  linear: options<NonNullable<Parameters<typeof wgrad.linear>[3]>>('linear', { activation: true }, (o) =>
    wgrad.linear(x(), wgrad.rand([4, 3]), null, o),
  ),
  matmul: options<NonNullable<Parameters<typeof wgrad.matmul>[2]>>(
    'matmul',
    { transposeA: true, transposeB: true },
    (o) => wgrad.matmul(x(), wgrad.rand([3, 2]), o),
  ),
  std: options<wgrad.VarianceOptions>('std', { keepdim: true, correction: true }, (o) => wgrad.std(x(), 0, o)),
  upsample: options<wgrad.UpsampleOptions>('upsample', resize, (o) => wgrad.upsample(images(), o)),
  variance: options<wgrad.VarianceOptions>('variance', { keepdim: true, correction: true }, (o) =>
    wgrad.variance(x(), 0, o),
  ),
  crossEntropy: options<wgrad.CrossEntropyOptions>('crossEntropy', { labelSmoothing: true, reduction: true }, (o) =>
    wgrad.crossEntropy(x(), classes(), o),
  ),
  mseLoss: options<wgrad.LossOptions>('mseLoss', { reduction: true }, (o) => wgrad.mseLoss(x(), x(), o)),
  l1Loss: options<wgrad.LossOptions>('l1Loss', { reduction: true }, (o) => wgrad.l1Loss(x(), x(), o)),
  smoothL1: options<wgrad.SmoothL1Options>('smoothL1', { reduction: true, beta: true }, (o) =>
    wgrad.smoothL1(x(), x(), o),
  ),
  bceWithLogits: options<wgrad.LossOptions>('bceWithLogits', { reduction: true }, (o) =>
    wgrad.bceWithLogits(x(), x(), o),
  ),
  klDiv: options<wgrad.KlDivOptions>('klDiv', { reduction: true, logTarget: true }, (o) => wgrad.klDiv(x(), x(), o)),
  nllLoss: options<wgrad.LossOptions>('nllLoss', { reduction: true }, (o) => wgrad.nllLoss(x(), classes(), o)),
  'nn.init.kaimingUniform': options<nn.init.KaimingOptions>('kaimingUniform', kaiming, (o) =>
    nn.init.kaimingUniform(x(), o),
  ),
  'nn.init.kaimingNormal': options<nn.init.KaimingOptions>('kaimingNormal', kaiming, (o) =>
    nn.init.kaimingNormal(x(), o),
  ),
  'nn.batchNorm1d': options<nn.BatchNormLayerOptions>('batchNorm', norm, (o) => nn.batchNorm1d(2, o)),
  'nn.batchNorm2d': options<nn.BatchNormLayerOptions>('batchNorm', norm, (o) => nn.batchNorm2d(2, o)),
  'nn.conv2d': options<nn.Conv2dLayerOptions>('conv2d', { ...conv, bias: true, device: true }, (o) =>
    nn.conv2d(1, 1, 2, o),
  ),
  'nn.convTranspose2d': options<nn.ConvTranspose2dLayerOptions>(
    'convTranspose2d',
    { ...conv, outputPadding: true, bias: true, device: true },
    (o) => nn.convTranspose2d(1, 1, 2, o),
  ),
  'nn.embedding': options<nn.EmbeddingOptions>('embedding', { device: true }, (o) => nn.embedding(2, 2, o)),
  'nn.layerNorm': options<nn.LayerNormLayerOptions>(
    'layerNorm',
    { eps: true, elementwiseAffine: true, bias: true, device: true },
    (o) => nn.layerNorm(3, o),
  ),
  'nn.upsample': options<wgrad.UpsampleOptions>('upsample', resize, (o) => nn.upsample(o)),
  'nn.linear': options<nn.LinearOptions>('linear', { bias: true, device: true }, (o) => nn.linear(2, 2, o)),
  'nn.maxPool2d': options<nn.MaxPoolOptions>('maxPool2d', { ...plane, dilation: true }, (o) => nn.maxPool2d(2, o)),
  'nn.avgPool2d': options<nn.AvgPoolOptions>('avgPool2d', { ...plane, countIncludePad: true }, (o) =>
    nn.avgPool2d(2, o),
  ),
  'optim.adam': options<optim.AdamOptions>('adam', adamKeys, (o) => optim.adam([param()], o)),
  'optim.adamW': options<optim.AdamOptions>('adamW', adamKeys, (o) => optim.adamW([param()], o)),
  'optim.sgd': options<optim.SGDOptions>(
    'sgd',
    { lr: true, momentum: true, dampening: true, weightDecay: true, nesterov: true },
    (o) => optim.sgd([param()], o),
  ),
  'optim.clipGradNorm': options<optim.ClipGradNormOptions>('clipGradNorm', { normType: true }, (o) =>
    optim.clipGradNorm([param()], 1, o),
  ),
  'optim.cosineAnnealingLR': options<optim.CosineAnnealingLROptions>(
    'cosineAnnealingLR',
    { tMax: true, etaMin: true },
    (o) => optim.cosineAnnealingLR(sgd(), o),
  ),
  'optim.exponentialLR': options<optim.ExponentialLROptions>('exponentialLR', { gamma: true }, (o) =>
    optim.exponentialLR(sgd(), o),
  ),
  'optim.multiStepLR': options<optim.MultiStepLROptions>('multiStepLR', { milestones: true, gamma: true }, (o) =>
    optim.multiStepLR(sgd(), o),
  ),
  'optim.stepLR': options<optim.StepLROptions>('stepLR', { stepSize: true, gamma: true }, (o) =>
    optim.stepLR(sgd(), o),
  ),
  'optim.linearLR': options<optim.LinearLROptions>(
    'linearLR',
    { startFactor: true, endFactor: true, totalIters: true },
    (o) => optim.linearLR(sgd(), o),
  ),
  'optim.oneCycleLR': options<optim.OneCycleLROptions>(
    'oneCycleLR',
    {
      maxLr: true,
      totalSteps: true,
      epochs: true,
      stepsPerEpoch: true,
      pctStart: true,
      annealStrategy: true,
      cycleMomentum: true,
      baseMomentum: true,
      maxMomentum: true,
      divFactor: true,
      finalDivFactor: true,
      threePhase: true,
    },
    (o) => optim.oneCycleLR(sgd(), o),
  ),
  'optim.reduceLROnPlateau': options<optim.ReduceLROnPlateauOptions>(
    'reduceLROnPlateau',
    {
      mode: true,
      factor: true,
      patience: true,
      threshold: true,
      thresholdMode: true,
      cooldown: true,
      minLr: true,
      eps: true,
    },
    (o) => optim.reduceLROnPlateau(sgd(), o),
  ),
  'optim.sequentialLR': options<optim.SequentialLROptions>(
    'sequentialLR',
    { schedulers: true, milestones: true },
    (o) => optim.sequentialLR(sgd(), o),
  ),
  'data.dataset': options<data.DatasetInit>(
    'dataset',
    { inputs: true, shape: true, labels: true, mean: true, std: true, classes: true },
    (o) => data.dataset(o),
  ),
  'data.loader': options<data.CollateOptions<unknown, data.Fields>>(
    'loader',
    { batchSize: true, shuffle: true, seed: true, dropLast: true, device: true, collate: true },
    (o) => data.loader(set(), o),
  ),
  'data.parseIdx': options<data.IdxOptions>('parseIdx', { maxBytes: true }, (o) =>
    data.parseIdx(new Uint8Array(8), 'file', o),
  ),
  'train.fit': options<
    train.LossFitOptions<nn.Module, data.Batch, string> & train.StepFitOptions<data.Batch, wgrad.Tensor>
  >(
    'fit',
    {
      model: true,
      optimizer: true,
      loader: true,
      epochs: true,
      progressEvery: true,
      onProgress: true,
      scheduler: true,
      schedulerEvery: true,
      onEpoch: true,
      onBatch: true,
      onFirstStep: true,
      signal: true,
      loss: true,
      metrics: true,
      step: true,
    },
    (o) => train.fit(o),
  ),
};

/** Methods with options. */
const METHODS: Readonly<Record<string, Case>> = {
  'Tensor.backward': options<wgrad.BackwardOptions>('backward', { gradient: true, retainGraph: true }, (o) => {
    wgrad.sum(param()).backward(o);
  }),
  'Module.loadStateDict': options<nn.LoadStateDictOptions>('loadStateDict', { strict: true }, (o) =>
    nn.linear(1, 1).loadStateDict({}, o),
  ),
};

/** Public functions whose arguments hold no options. */
const WITHOUT = `
  capture detectAnomaly enableGrad noGrad data.subset data.shuffledOrder metrics.accuracy metrics.confusionMatrix
  metrics.countCorrect metrics.formatClassificationReport metrics.formatConfusionMatrix metrics.classificationReport
  nn.crossEntropy nn.bceWithLogits nn.klDiv nn.l1Loss nn.smoothL1 nn.mseLoss nn.nllLoss nn.init.uniform nn.init.normal nn.init.constant nn.init.zeros nn.init.ones
  nn.init.fansOf nn.init.gainOf nn.init.xavierUniform nn.init.xavierNormal nn.sequential nn.identity nn.flatten
  nn.dropout nn.globalAvgPool2d optim.clipGradValue defaultDevice setDefaultDevice readSafetensorsMetadata
  saveSafetensors toSafetensors keep tidy train.evaluate argmax globalAvgPool2d add div eq ge gt le lt maximum minimum
  mul ne pow sub concat stack dropout embedding gather expand flatten permute reshape transpose max mean min sum pad slice
  logSoftmax softmax where
  argmin cast chunk clone cumsum multinomial split squeeze tril triu unsqueeze
`
  .trim()
  .split(/\s+/)
  .concat(
    Object.keys(unary),
    Object.keys(activation)
      .filter((name) => !/^[A-Z]/.test(name))
      .map((name) => `nn.${name}`),
  );

function publicFunctions(space: object, prefix = ''): string[] {
  return Object.entries(space).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'function') return String(value).startsWith('class') ? [] : [prefix + key];
    return typeof value === 'object' && value !== null ? publicFunctions(value, `${prefix}${key}.`) : [];
  });
}

/** Functions that take numbers in the place of options; they are tested where their data is. */
const TAKES_DATA = new Set(['data.dataset']);

/** The error of a call, thrown or as a rejection. */
async function errorOf(test: Case, given: unknown): Promise<unknown> {
  try {
    await test.call(given as never);
  } catch (error) {
    return error;
  }
  return null;
}

const everywhere = Object.entries({ ...CASES, ...METHODS });

it('each public function is known to take options or none', () => {
  expect(publicFunctions(wgrad).sort()).toEqual([...Object.keys(CASES), ...WITHOUT].sort());
});

describe.each(everywhere)('%s', (name, test) => {
  it('refuses an option that nobody knows, and names those that it has', async () => {
    for (const given of [{ zzzzzzzz: 1 }, { zzzzzzzz: undefined }]) {
      const error = await errorOf(test, given);
      expect(error).toBeInstanceOf(TypeError);
      const message = (error as Error).message;
      expect(message.startsWith(`${test.name}: unknown option 'zzzzzzzz', expected one of `)).toBe(true);
      expect(message.split(' expected one of ')[1].split(', ').sort()).toEqual([...test.keys].sort());
    }
  });
  it('names the nearest of its own', async () => {
    for (const key of test.keys) {
      const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const variants = [snake, key.toUpperCase(), `${key}s`].filter((name) => !test.keys.includes(name));
      for (const name of variants) {
        expect(await errorOf(test, { [name]: 1 })).toEqual(
          new TypeError(`${test.name}: unknown option '${name}', did you mean '${key}'?`),
        );
      }
    }
  });
  const others: readonly [unknown, string][] = [
    [3, 'Number'],
    ['same', 'String'],
    [null, 'null'],
    [[1], 'Array'],
  ];
  it.each(others.filter(([given]) => !TAKES_DATA.has(name) || given === null))(
    'refuses %j in their place',
    async (given, kind) => {
      expect(await errorOf(test, given)).toEqual(
        new TypeError(`${test.name}: expected an object of options, got ${kind}`),
      );
    },
  );
});

describe('names of other frameworks', () => {
  it.each([
    ['optim.sgd', 'learningRate', 'lr'],
    ['optim.adam', 'learning_rate', 'lr'],
    ['optim.adam', 'weight_decay', 'weightDecay'],
    ['optim.adam', 'epsilon', 'eps'],
    ['optim.adam', 'amsGrad', 'amsgrad'],
    ['nn.batchNorm2d', 'epsilon', 'eps'],
    ['nn.conv2d', 'useBias', 'bias'],
    ['nn.conv2d', 'strides', 'stride'],
    ['nn.conv2d', 'dilationRate', 'dilation'],
    ['data.loader', 'drop_last', 'dropLast'],
    ['data.loader', 'batch_size', 'batchSize'],
    ['gradcheck', 'epsilon', 'eps'],
    ['zeros', 'requires_grad', 'requiresGrad'],
    ['Tensor.backward', 'retain_graph', 'retainGraph'],
  ])('%s: %s is called %s', async (place, theirs, ours) => {
    const test = { ...CASES, ...METHODS }[place];
    expect(String(await errorOf(test, { [theirs]: 1 }))).toContain(
      `unknown option '${theirs}', did you mean '${ours}'?`,
    );
  });
  it.each([
    ['optim.sgd', 'maximize'],
    ['crossEntropy', 'ignoreIndex'],
    ['nn.conv2d', 'paddingMode'],
    ['Tensor.backward', 'inputs'],
  ])('%s has no %s', async (place, theirs) => {
    const error = await errorOf({ ...CASES, ...METHODS }[place], { [theirs]: 1 });
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(`unknown option '${theirs}'`);
  });
});
