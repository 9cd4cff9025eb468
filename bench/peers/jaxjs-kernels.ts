import { getWebGPUDevice, jit, lax, numpy as np, vjp, type Array as JaxArray } from '@jax-js/jax';
import type { KernelGroup, Part } from '../kernels/cases';
import type { KernelInputs, KernelJob } from '../library';

type Op = (a: JaxArray, b: JaxArray) => JaxArray;

const OPS: Record<KernelGroup['op'], Op> = {
  matmul: (a, b) => np.matmul(a, b),
  conv2d: (a, b) => lax.convGeneralDilated(a, b, [1, 1], 'SAME'),
};

/** The gradient of one input. Compiled, it is that alone: the forward pass, whose result nobody uses, drops out. */
function pullBack(fn: (x: JaxArray) => JaxArray, at: JaxArray, gradient: JaxArray): JaxArray {
  const [out, back] = vjp(fn, [at]);
  out.dispose();
  const [result] = back(gradient);
  back.dispose();
  return result;
}

function compiled(op: Op, part: Part): (a: JaxArray, b: JaxArray, gradient: JaxArray) => JaxArray {
  if (part === 'gradientOfA') return jit((a, b, gradient) => pullBack((x) => op(x, b), a, gradient));
  if (part === 'gradientOfB') return jit((a, b, gradient) => pullBack((x) => op(a, x), b, gradient));
  const forward = jit(op);
  return (a, b, gradient) => {
    gradient.dispose();
    return forward(a, b);
  };
}

export async function finish(): Promise<void> {
  await getWebGPUDevice().queue.onSubmittedWorkDone();
}

export function kernelJob({ op, ...group }: KernelGroup, part: Part, inputs: KernelInputs): KernelJob {
  const a = np.array(inputs.a, { shape: group.a });
  const b = np.array(inputs.b, { shape: group.b });
  const gradient = np.array(inputs.gradient, { shape: group.out });
  const fn = compiled(OPS[op], part);
  const compute = (): JaxArray => fn(a.ref, b.ref, gradient.ref);
  return {
    run: () => {
      compute().gpuBufferSync();
    },
    finish,
    result: () => compute().data(),
    dispose: () => {
      for (const array of [a, b, gradient]) array.dispose();
    },
  };
}
