import { COPIES, COPY_WORKGROUP, copyWgsl, FLOP_PER_TURN, FORMS, multiplyAddWgsl, type Form } from './ceiling-wgsl';
import type { Job } from './library';
import { median } from './numbers';
import { race, type Effort } from './timing';
import { withoutErrors } from './webgpu';

/** What one way of writing such a kernel reached: GFLOP/s or GB/s, a number for each sample. */
interface Reached {
  readonly variant: string;
  readonly samples: readonly number[];
}

/** What the adapter can do at most, as far as a kernel of nothing else can show it. */
export interface Ceiling {
  /** 10^9 operations a second in multiply-adds. */
  readonly gflops: number;
  /** 10^9 bytes a second, read and written, in a copy. */
  readonly gigabytes: number;
  readonly multiplyAdd: readonly Reached[];
  readonly copy: readonly Reached[];
}

/** The part of the expected time that a wait sleeps through. */
const SLEEP = 0.7;

/**
 * A job of one dispatch; it owns the buffers. Its wait sleeps first, as wgrad's do on a software adapter: Dawn polls while it waits,
 * and would take one of the cores whose ceiling is measured.
 */
function dispatchJob(device: GPUDevice, code: string, buffers: readonly GPUBuffer[], groups: number): Job {
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = device.createComputePipeline({ layout: 'auto', compute });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  let pending = 0;
  let since = 0;
  let fastest = 0;
  return {
    run() {
      if (pending++ === 0) since = performance.now();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(groups);
      pass.end();
      device.queue.submit([encoder.finish()]);
    },
    async finish() {
      const sleep = SLEEP * fastest * pending;
      if (sleep > 1) await new Promise((resolve) => setTimeout(resolve, sleep));
      await device.queue.onSubmittedWorkDone();
      const each = (performance.now() - since) / pending;
      fastest = fastest === 0 ? each : Math.min(fastest, each);
      pending = 0;
    },
    dispose() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

function uniforms(device: GPUDevice, write: (view: DataView) => void): GPUBuffer {
  const size = 16;
  const buffer = device.createBuffer({ size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  const bytes = new ArrayBuffer(size);
  write(new DataView(bytes));
  device.queue.writeBuffer(buffer, 0, bytes);
  return buffer;
}

const storage = (device: GPUDevice, size: number): GPUBuffer =>
  device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });

async function timed(jobs: readonly Job[], effort: Effort): Promise<(readonly number[])[]> {
  const timings = await race(jobs, effort);
  for (const job of jobs) job.dispose();
  return timings.map(({ samples }) => samples);
}

/** Turns of the multiply-add loop: many, so that one dispatch is long against its launch. */
const TURNS = 1500;

async function multiplyAdds(device: GPUDevice, invocations: number, effort: Effort): Promise<Reached[]> {
  const variants = (Object.keys(FORMS) as Form[]).flatMap((form) => [64, 256].map((size) => ({ form, size })));
  const jobs = variants.map(({ form, size }) => {
    const params = uniforms(device, (view) => {
      view.setUint32(0, TURNS, true);
      // The chains settle at 2: neither infinite nor denormal.
      view.setFloat32(4, 0.5, true);
      view.setFloat32(8, 1, true);
    });
    const buffers = [params, storage(device, 4 * invocations)];
    return dispatchJob(device, multiplyAddWgsl(form, size), buffers, invocations / size);
  });
  const flop = invocations * TURNS * FLOP_PER_TURN;
  const samples = await timed(jobs, effort);
  return variants.map(({ form, size }, i) => ({
    variant: `${form}, workgroups of ${size}`,
    samples: samples[i].map((ms) => flop / ms / 1e6),
  }));
}

async function copies(device: GPUDevice, bytes: number, effort: Effort): Promise<Reached[]> {
  const variants = [
    { type: 'f32', size: 4 },
    { type: 'vec4f', size: 16 },
  ] as const;
  const jobs = variants.map(({ type, size }) => {
    const count = bytes / size;
    const threads = count / COPIES;
    const params = uniforms(device, (view) => {
      view.setUint32(0, count, true);
      view.setUint32(4, threads, true);
    });
    const buffers = [params, storage(device, bytes), storage(device, bytes)];
    return dispatchJob(device, copyWgsl(type), buffers, threads / COPY_WORKGROUP);
  });
  const samples = await timed(jobs, effort);
  return variants.map(({ type }, i) => ({ variant: type, samples: samples[i].map((ms) => (2 * bytes) / ms / 1e6) }));
}

const best = (reached: readonly Reached[]): number => Math.max(...reached.map(({ samples }) => median(samples)));

/**
 * Measures what the adapter reaches in multiply-adds and in copying: the best variant of each, by the median of its samples.
 * A GPU gets more work than a software adapter: enough to fill it, and arrays larger than its caches.
 */
export async function measureCeiling(device: GPUDevice, kind: 'cpu' | 'gpu', effort: Effort): Promise<Ceiling> {
  return withoutErrors([{ name: 'ceiling', device }], async () => {
    const multiplyAdd = await multiplyAdds(device, kind === 'gpu' ? 2 ** 20 : 2 ** 13, effort);
    const copy = await copies(device, kind === 'gpu' ? 2 ** 27 : 2 ** 26, effort);
    return { gflops: best(multiplyAdd), gigabytes: best(copy), multiplyAdd, copy };
  });
}

/** Two measurements of the same adapter as one: its speed may drift while the rest is measured. */
export function joinCeilings(first: Ceiling, second: Ceiling): Ceiling {
  const join = (a: readonly Reached[], b: readonly Reached[]): Reached[] =>
    a.map(({ variant, samples }, i) => ({ variant, samples: [...samples, ...b[i].samples] }));
  const multiplyAdd = join(first.multiplyAdd, second.multiplyAdd);
  const copy = join(first.copy, second.copy);
  return { gflops: best(multiplyAdd), gigabytes: best(copy), multiplyAdd, copy };
}
