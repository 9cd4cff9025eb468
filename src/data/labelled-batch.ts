import type { Device } from '../runtime/device';
import { elementKernel, launchElements } from '../runtime/kernels/element-kernel';
import type { DType } from '../tensor/dtype';
import { sizeOf } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { Dataset } from './labelled';

const UNPACK = elementKernel('unpack_bytes', () => import('./shaders.lazy'));

/** Gathers inputs and labels on the host; what it returns makes the tensors: inputs `[N, ...shape]` and labels `[N]`. */
export function labelledBatch(dataset: Dataset, indices: Uint32Array, device: Device): () => [Tensor, Tensor<DType>] {
  const { labels, shape } = dataset;
  const inputs = gatherInputs(dataset, indices);
  const real = labels instanceof Float32Array;
  const values = real ? new Float32Array(indices.length) : new Int32Array(indices.length);
  indices.forEach((index, row) => {
    values[row] = labels[index];
  });
  return () => {
    const made = Tensor.empty([indices.length, ...shape], 'float32', device, 'loader');
    const targets = Tensor.empty<DType>([indices.length], real ? 'float32' : 'int32', device, 'loader');
    if (inputs instanceof Float32Array) made.write(inputs);
    else unpack(inputs, made, dataset);
    targets.write(values);
    return [made, targets];
  };
}

/** Inputs in a row: floats as the network is given them, or bytes, filled up to a multiple of 4. */
function gatherInputs({ inputs, shape, mean, std }: Dataset, indices: Uint32Array): Float32Array | Uint8Array {
  const each = sizeOf(shape);
  const size = each * indices.length;
  const onHost = inputs instanceof Float32Array;
  const into = onHost ? new Float32Array(size) : new Uint8Array(4 * Math.ceil(size / 4));
  indices.forEach((index, row) => {
    into.set(inputs.subarray(index * each, (index + 1) * each), row * each);
  });
  if (onHost && (mean !== 0 || std !== 1)) for (let i = 0; i < size; i++) into[i] = (into[i] - mean) / std;
  return into;
}

function unpack(bytes: Uint8Array, target: Tensor, { mean, std }: Dataset): void {
  const { device } = target;
  const packed = Tensor.empty([bytes.length / 4], 'uint32', device, 'loader');
  packed.write(new Uint32Array(bytes.buffer));
  const params = { n: target.size, scale: 1 / (255 * std), shift: -mean / std };
  launchElements(device, 'loader', UNPACK, packed.size, [packed, target], params);
  packed.dispose();
}
