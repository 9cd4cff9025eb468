import { keep, zeros, type Device, type Tensor } from 'wgrad';
import { COPIES, COPY_WORKGROUP, copyWgsl, FLOP_PER_TURN, FORMS, multiplyAddWgsl, type Form } from './wgsl';
import type { Job } from '../library';
import { median } from '../numbers';
import { measureInTurns, type Effort } from '../timing';
import { withoutErrors } from '../webgpu';

/** What one way of writing such a kernel reached: GFLOP/s or GB/s, a number for each sample. */
interface Reached {
  readonly variant: string;
  readonly samples: readonly number[];
}

/** The most that the adapter can do, as far as a kernel that does nothing else shows it. */
export interface Ceiling {
  /** 10^9 operations a second in multiply-adds. */
  readonly gflops: number;
  /** 10^9 bytes a second, read and written, in a copy. */
  readonly gigabytes: number;
  readonly multiplyAdd: readonly Reached[];
  readonly copy: readonly Reached[];
}

/** Waits for the queue as wgrad does: on a software adapter without Dawn's polling, which takes one of the cores that are measured. */
function waitBehind(mark: Tensor): () => Promise<void> {
  return async () => {
    // The kernels here are submitted without the library's knowledge: it waits only once it has submitted something of its own after them.
    mark.write(new Float32Array(1));
    await mark.device.finish();
  };
}

/** A job of one dispatch; it owns the buffers. */
function dispatchJob(
  { gpu: { device } }: Device,
  finish: () => Promise<void>,
  code: string,
  buffers: readonly GPUBuffer[],
  groups: number,
): Job {
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = device.createComputePipeline({ layout: 'auto', compute });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return {
    run() {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(groups);
      pass.end();
      device.queue.submit([encoder.finish()]);
    },
    finish,
    dispose() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

function uniforms({ gpu: { device } }: Device, write: (view: DataView) => void): GPUBuffer {
  const size = 16;
  const buffer = device.createBuffer({ size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  const bytes = new ArrayBuffer(size);
  write(new DataView(bytes));
  device.queue.writeBuffer(buffer, 0, bytes);
  return buffer;
}

const storage = ({ gpu: { device } }: Device, size: number): GPUBuffer =>
  device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });

async function timed(jobs: readonly Job[], effort: Effort): Promise<(readonly number[])[]> {
  const timings = await measureInTurns(jobs, effort);
  for (const job of jobs) job.dispose();
  return timings.map(({ samples }) => samples);
}

/** Turns of the multiply-add loop: many, so that one dispatch takes much longer than its launch. */
const TURNS = 1500;

async function multiplyAdds(
  device: Device,
  finish: () => Promise<void>,
  invocations: number,
  effort: Effort,
): Promise<Reached[]> {
  const variants = (Object.keys(FORMS) as Form[]).flatMap((form) => [64, 256].map((size) => ({ form, size })));
  const jobs = variants.map(({ form, size }) => {
    const params = uniforms(device, (view) => {
      view.setUint32(0, TURNS, true);
      // The chains settle at 2: neither infinite nor denormal.
      view.setFloat32(4, 0.5, true);
      view.setFloat32(8, 1, true);
    });
    const buffers = [params, storage(device, 4 * invocations)];
    return dispatchJob(device, finish, multiplyAddWgsl(form, size), buffers, invocations / size);
  });
  const flop = invocations * TURNS * FLOP_PER_TURN;
  const samples = await timed(jobs, effort);
  return variants.map(({ form, size }, i) => ({
    variant: `${form}, workgroups of ${size}`,
    samples: samples[i].map((ms) => flop / ms / 1e6),
  }));
}

async function copies(device: Device, finish: () => Promise<void>, bytes: number, effort: Effort): Promise<Reached[]> {
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
    return dispatchJob(device, finish, copyWgsl(type), buffers, threads / COPY_WORKGROUP);
  });
  const samples = await timed(jobs, effort);
  return variants.map(({ type }, i) => ({ variant: type, samples: samples[i].map((ms) => (2 * bytes) / ms / 1e6) }));
}

const best = (reached: readonly Reached[]): number => Math.max(...reached.map(({ samples }) => median(samples)));

/**
 * Measures what the adapter reaches in multiply-adds and in copying: the best variant of each, by the median of its samples.
 * A GPU gets more work than a software adapter: enough to fill it, and arrays larger than its caches.
 */
export async function measureCeiling(device: Device, effort: Effort): Promise<Ceiling> {
  const { kind } = device.info;
  const mark = keep(zeros([1], { device }));
  const finish = waitBehind(mark);
  return withoutErrors([{ name: 'ceiling', device: device.gpu.device }], async () => {
    const multiplyAdd = await multiplyAdds(device, finish, kind === 'gpu' ? 2 ** 20 : 2 ** 13, effort);
    const copy = await copies(device, finish, kind === 'gpu' ? 2 ** 27 : 2 ** 26, effort);
    mark.dispose();
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
