/**
 * Methods that make fewer values of a tensor, which another compressor can take over: top-k keeps some, a subspace method
 * projects. What else the receiver needs (indices, token ids) goes beside the values, in front of them on the wire.
 */
import type { Compressor, Decoded, EncodeContext, SubspaceConstraint, TensorDescription } from "@shardlab/contracts";
import { checkLength, statelessEncoder } from "./tensor-bytes.ts";

/** What is left of a tensor. */
export interface Reduced {
  readonly coefficients: Float32Array;
  readonly side: Uint8Array;
}

export interface Reducer {
  /** The coefficients of a tensor as a tensor of their own, of the same name and role. */
  coefficientsOf(tensor: TensorDescription): TensorDescription;
  sideBytes(tensor: TensorDescription): number;
  reduce(values: Float32Array, tensor: TensorDescription, context: EncodeContext | undefined): Reduced;
  /**
   * @param areExact whether the coefficients are those that `reduce` made, bit for bit
   * @throws Error `invalid encoding: ...` for what no `reduce` makes
   */
  expand(reduced: Reduced, tensor: TensorDescription, areExact: boolean): Decoded;
  /** Whether `expand` gives back the tensor, bit for bit, where the coefficients are exact. */
  isExact(tensor: TensorDescription): boolean;
  readonly constraint?: SubspaceConstraint;
}

/**
 * The compressor that sends a reducer's coefficients as `values` has it.
 *
 * @param values remembers nothing: coefficients of one place may mean something else in the next tensor
 */
export function reducingCompressor(kind: string, reducer: Reducer, values: Compressor): Compressor {
  const encodedBytes = (tensor: TensorDescription): number =>
    reducer.sideBytes(tensor) + values.encodedBytes(reducer.coefficientsOf(tensor));
  return {
    kind,
    encodedBytes,
    isLossless: (tensor) => reducer.isExact(tensor) && values.isLossless(reducer.coefficientsOf(tensor)),
    encoder(tensor) {
      const inner = values.encoder(reducer.coefficientsOf(tensor));
      return statelessEncoder(tensor, (given, context) => {
        const { coefficients, side } = reducer.reduce(given, tensor, context);
        return joined(side, inner.encode(coefficients));
      });
    },
    decode(bytes, tensor) {
      checkLength(bytes, encodedBytes(tensor));
      const sideBytes = reducer.sideBytes(tensor);
      const described = reducer.coefficientsOf(tensor);
      const { values: coefficients } = values.decode(bytes.subarray(sideBytes), described);
      const reduced = { coefficients, side: bytes.subarray(0, sideBytes) };
      return reducer.expand(reduced, tensor, values.isLossless(described));
    },
    ...(reducer.constraint === undefined ? {} : { constraint: reducer.constraint }),
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
