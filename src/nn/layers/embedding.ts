import { checkOptions } from '../../device/options';
import { embedding as embeddingOp } from '../../ops/indexing/embedding';
import type { Device } from '../../runtime/device';
import type { DType } from '../../tensor/dtype';
import { Tensor } from '../../tensor/tensor';
import { normal } from '../init';
import { Module } from '../module';

/** Options of `nn.embedding()`. */
export interface EmbeddingOptions {
  device?: Device;
}

/** Indices (int32 or uint32, of any shape) to rows of weight `[numEmbeddings, embeddingDim]`, which begins normal: see `embedding`. */
export class Embedding extends Module {
  readonly weight: Tensor;

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    options: EmbeddingOptions = {},
  ) {
    checkOptions('embedding', options, 'device');
    super();
    const weight = Tensor.empty([numEmbeddings, embeddingDim], 'float32', options.device, 'embedding');
    this.weight = this.parameter('weight', normal(weight));
  }

  override forward(indices: Tensor<DType>): Tensor {
    return embeddingOp(indices, this.weight);
  }

  protected override describe(): string {
    return `${this.numEmbeddings}, ${this.embeddingDim}`;
  }
}

/** Indices to rows of a weight `[numEmbeddings, embeddingDim]`. */
export const embedding = (numEmbeddings: number, embeddingDim: number, options?: EmbeddingOptions): Embedding =>
  new Embedding(numEmbeddings, embeddingDim, options);
