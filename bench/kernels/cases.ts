/** What is computed: the result, or the gradient with respect to one of the two inputs. */
export type Part = 'forward' | 'gradientOfA' | 'gradientOfB';

/** An op with two inputs and the parts of it that are measured. */
export interface KernelGroup {
  readonly op: 'matmul' | 'conv2d';
  readonly title: string;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly out: readonly number[];
  /** Floating-point operations of each part: a multiplication and an addition are two; taps on padding count. */
  readonly flop: number;
  readonly parts: readonly Part[];
}

const ALL: readonly Part[] = ['forward', 'gradientOfA', 'gradientOfB'];

function matmul(rows: number, inner: number, columns: number, parts: readonly Part[]): KernelGroup {
  return {
    op: 'matmul',
    title: `matmul [${rows}, ${inner}] x [${inner}, ${columns}]`,
    a: [rows, inner],
    b: [inner, columns],
    out: [rows, columns],
    flop: 2 * rows * inner * columns,
    parts,
  };
}

/** A 3x3 convolution that keeps height and width. */
function conv(batch: number, inputs: number, side: number, outputs: number): KernelGroup {
  return {
    op: 'conv2d',
    title: `conv2d 3x3 [${batch}, ${inputs}, ${side}, ${side}] to ${outputs}`,
    a: [batch, inputs, side, side],
    b: [outputs, inputs, 3, 3],
    out: [batch, outputs, side, side],
    flop: 2 * batch * outputs * side * side * inputs * 9,
    parts: ALL,
  };
}

/** A square product, and the large layers of the MNIST CNN at batch 64. */
export const KERNELS: readonly KernelGroup[] = [
  matmul(512, 512, 512, ['forward']),
  matmul(64, 3136, 256, ALL),
  conv(64, 32, 28, 32),
  conv(64, 64, 14, 64),
];

/** The part's name: a convolution's inputs are its input and its weight. */
export function partName({ op }: KernelGroup, part: Part): string {
  if (part === 'forward') return 'forward';
  const [a, b] = op === 'conv2d' ? ['input', 'weight'] : ['left', 'right'];
  return `${part === 'gradientOfA' ? a : b} gradient`;
}

export const caseName = (group: KernelGroup, part: Part): string => `${group.title}, ${partName(group, part)}`;

/** The shape of what a part computes. */
export const resultShape = ({ a, b, out }: KernelGroup, part: Part): readonly number[] =>
  ({ forward: out, gradientOfA: a, gradientOfB: b })[part];
