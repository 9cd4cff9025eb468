import { elementKernel, launchElements } from '../../runtime/kernels/element-kernel';
import { flopsOf, operandParams, sizeParams, tensorsOf, type MatmulVariant } from './problem';

const GENERAL = elementKernel('matmul', () => import('./general-shaders.lazy'));

/** Right for every problem and adapter: the last of the table. */
export const MATMUL_GENERAL: MatmulVariant = {
  name: 'general',
  supports: () => true,
  preferred: () => true,
  launch: (op, problem, operands) => {
    const { out } = operands;
    const params = { ...sizeParams(problem), ...operandParams(problem, operands) };
    launchElements(out.device, op, GENERAL, out.size, tensorsOf(operands), params, {}, flopsOf(problem, operands));
  },
};
