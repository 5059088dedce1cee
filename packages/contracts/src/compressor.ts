/** The contract of a compressor: how a tensor travels. */
import type { TensorRole } from "./tensor.ts";

/**
 * A tensor to be sent.
 *
 * @property name stays the same over all tensors of one place (`activation 3`, `blocks.0.mlp.out`), and so names the stream
 * that memory such as error feedback belongs to.
 * @property shape rows first; activations are [tokens, width].
 */
export interface TensorDescription {
  readonly name: string;
  readonly role: TensorRole;
  readonly shape: readonly number[];
}

/** What is known at the sender besides the values: the token ids of the rows of an activation, one for each row. */
export interface EncodeContext {
  readonly tokens?: ArrayLike<number>;
}

/** What a decoder finds: values, and the token ids where they travel with them. */
export interface Decoded {
  readonly values: Float32Array;
  readonly tokens?: Uint16Array;
}

/** The sending side of one stream of tensors of equal description. */
export interface Encoder {
  /** Encodes `values` (row-major, not changed). The length of the answer is `encodedBytes` of the description. */
  encode(values: Float32Array, context?: EncodeContext): Uint8Array;
  /**
   * What the encoder remembers from tensor to tensor, such as the residual of error feedback: kept in checkpoints and put
   * back by `restore`. Undefined where it remembers nothing.
   */
  memory(): Float32Array | undefined;
  restore(memory: Float32Array): void;
}

/**
 * What a subspace compressor asks of the model, so that boundaries lie within its basis (see `subspace`): the token
 * embedding gets a frozen part, and matrices that write to the residual stream are projected after each update.
 *
 * @property rank k, columns of the basis.
 * @property basis [width, k] row-major, orthonormal columns.
 * @property frozenEmbedding [vocabulary, width] row-major.
 */
export interface SubspaceConstraint {
  readonly rank: number;
  readonly basis: Float32Array;
  readonly frozenEmbedding: Float32Array;
}

/** Sizes of the model whose tensors are compressed, and where random parts of a compressor are drawn from. */
export interface CompressorContext {
  readonly width: number;
  readonly vocabulary: number;
  readonly seed: number | bigint;
}

/** A compressor. Everything that it draws comes from the context's seed, so that all nodes draw alike. */
export interface Compressor {
  readonly kind: string;
  /** Bytes of an encoded tensor: declared, and equal to what `encode` returns. */
  encodedBytes(tensor: TensorDescription): number;
  /** Whether `decode(encode(x))` is `x`, bit for bit, for every finite x of this description. */
  isLossless(tensor: TensorDescription): boolean;
  encoder(tensor: TensorDescription): Encoder;
  /** @throws Error `invalid encoding: ...` for bytes that no encoder of this description makes. */
  decode(bytes: Uint8Array, tensor: TensorDescription): Decoded;
  /** What the model must obey for the compressor to be exact at the boundaries; absent where nothing. */
  readonly constraint?: SubspaceConstraint;
}
