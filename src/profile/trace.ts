import { pipelineName, type Measurements, type Span } from './measurements';
import { perSecond } from './report';

/** Chrome's Trace Event Format; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M' | 'b' | 'e';
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

const PID = 1;
const HOST = { pid: PID, tid: 1 };
const GPU = { pid: PID, tid: 2 };

/**
 * The measurements in the format of Perfetto and chrome://tracing: a track of the GPU with its kernels, one of the host
 * with launches and submits, and the compilation of pipelines.
 */
export function chromeTrace({ begin, passes, launches, submits, compiles }: Measurements): string {
  const us = (ms: number): number => Math.round(1e6 * ms) / 1e3;
  const at = (ms: number): { ts: number } => ({ ts: us(ms - begin) });
  const duration = (span: Span): { ts: number; dur: number } => ({ ...at(span.begin), dur: us(span.end - span.begin) });
  const events: TraceEvent[] = [
    { name: 'process_name', ph: 'M', ...HOST, args: { name: 'wgrad' } },
    { name: 'thread_name', ph: 'M', ...HOST, args: { name: 'host' } },
    { name: 'thread_name', ph: 'M', ...GPU, args: { name: 'GPU' } },
  ];
  for (const launch of launches)
    events.push({ name: `launch ${launch.name}`, cat: 'host', ph: 'X', ...HOST, ...duration(launch) });
  for (const submit of submits) events.push({ name: 'submit', cat: 'host', ph: 'X', ...HOST, ...duration(submit) });
  // Compilations overlap, which only events of this kind may do.
  compiles.forEach((compile, id) => {
    const event = { name: `compile ${compile.name}`, cat: 'compile', id, ...HOST };
    events.push({ ...event, ph: 'b', ...at(compile.begin) }, { ...event, ph: 'e', ...at(compile.end) });
  });
  for (const pass of passes) {
    for (const { op, pipeline, flops, bytes } of pass.dispatches) {
      const ms = pass.end - pass.begin;
      const args = {
        op,
        kernel: pipelineName(pipeline),
        gflops: flops === undefined ? null : perSecond(flops, ms),
        gbps: perSecond(bytes, ms),
      };
      events.push({ name: pipeline.name, cat: 'gpu', ph: 'X', ...GPU, ...duration(pass), args });
    }
  }
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents: events });
}
