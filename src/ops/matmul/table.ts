import type { Device } from '../../runtime/device';
import { rand } from '../../tensor/create/create';
import { Tensor } from '../../tensor/tensor';
import type { VariantTable } from '../../variants/variant';
import { MATMUL_GENERAL } from './general';
import type { MatmulOperands, MatmulProblem, MatmulVariant } from './problem';
import { MATMUL_SUBGROUP } from './subgroup';
import { MATMUL_TILED } from './tiled';

/** From the special to the general; the first that is preferred and supported is the default. */
export const MATMUL_VARIANTS: readonly MatmulVariant[] = [...MATMUL_SUBGROUP, ...MATMUL_TILED, MATMUL_GENERAL];

/** Elements from the first to the last that an operand's strides reach. */
function extent(sizes: readonly number[], strides: readonly number[]): number {
  return 1 + sizes.reduce((sum, size, axis) => sum + (size - 1) * strides[axis], 0);
}

const MATMUL: VariantTable<MatmulProblem, MatmulVariant, Device> = {
  name: 'matmul',
  variants: MATMUL_VARIANTS,
  shapeKey: ({ rows, columns, depth, aRow, aDepth, bDepth, bColumn, batchShape, aBatch, bBatch }) => {
    const product = `${rows}x${depth}x${columns} a ${aRow},${aDepth} b ${bDepth},${bColumn}`;
    const alone = batchShape.length === 1 && batchShape[0] === 1;
    return alone ? product : `${product} of ${batchShape.join('x')} a ${aBatch.join()} b ${bBatch.join()}`;
  },
  trial: (problem, device) => {
    const { rows, columns, depth, aRow, aDepth, bDepth, bColumn, batchShape, aBatch, bBatch } = problem;
    const a = rand([extent([rows, depth, ...batchShape], [aRow, aDepth, ...aBatch])], { device });
    const b = rand([extent([depth, columns, ...batchShape], [bDepth, bColumn, ...bBatch])], { device });
    const out = Tensor.empty([...batchShape, rows, columns], 'float32', device, 'matmul');
    return {
      launch: (variant) => {
        variant.launch('matmul', problem, { a, b, bias: null, out });
      },
      dispose: () => {
        for (const tensor of [a, b, out]) tensor.dispose();
      },
    };
  },
};

/** Computes a product by the variant that the device has selected for it. Returns whether that wrote `rowSums`. */
export function launchMatmul(op: string, problem: MatmulProblem, operands: MatmulOperands): boolean {
  const variant = operands.out.device.variants.select(MATMUL, problem);
  variant.launch(op, problem, operands);
  return Boolean(operands.rowSums) && variant.sumsRows === true;
}
