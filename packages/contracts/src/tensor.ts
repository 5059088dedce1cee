/** Tensors as roles and messages know them: by reference, never by their numbers. */

/**
 * A tensor's encoded bytes, somewhere in a `TensorStore`.
 *
 * @property id names the bytes within one store; a receiver's store gives what arrives an id of its own.
 * @property shape of the decoded tensor.
 * @property digest of the encoded bytes: 64 hexadecimal digits of SHA-256 where bytes exist, else text that stands for them.
 * @property bytes length of the encoded form, which is what crosses the wire.
 */
export interface TensorRef {
  readonly id: number;
  readonly shape: readonly number[];
  readonly digest: string;
  readonly bytes: number;
}

/** Encoded tensors by reference. The one who holds a reference releases it once, when nobody will ask for it again. */
export interface TensorStore {
  put(bytes: Uint8Array, shape: readonly number[]): TensorRef;
  /** @throws Error `unknown tensor: ...` */
  bytesOf(ref: TensorRef): Uint8Array;
  /** @throws Error `unknown tensor: ...` when it was released before. */
  release(ref: TensorRef): void;
}

/** What a tensor is for; compressors may treat roles differently. */
export const tensorRoles = ["activation", "activation-gradient", "gradient", "parameter"] as const;
export type TensorRole = (typeof tensorRoles)[number];
