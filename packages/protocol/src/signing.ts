/** What is signed at the boundary between two stages. */
import type { DataSplit, Signer } from "@shardlab/contracts";

/** Signs nothing and believes everything: for worlds in which nobody lies. Its empty public key turns commitments off. */
export const nullSigner: Signer = {
  publicKey: "",
  sign: () => "",
  verify: () => true,
};

export const isSigning = (signer: Signer): boolean => signer.publicKey !== "";

export const directions = ["forward", "backward"] as const;
export type Direction = (typeof directions)[number];

/** A tensor that crosses from one stage to the next, or back. `stage` is the sender's. */
export interface Boundary {
  readonly run: string;
  readonly update: number;
  readonly attempt: number;
  readonly microbatch: number;
  readonly split: DataSplit;
  readonly stage: number;
  readonly direction: Direction;
  readonly digest: string;
}

/** The text that the sender signs: everything that makes the tensor what it is, so that no signature fits elsewhere. */
export function commitmentText({
  run,
  update,
  attempt,
  microbatch,
  split,
  stage,
  direction,
  digest,
}: Boundary): string {
  return `boundary|${run}|${update}|${attempt}|${microbatch}|${split}|${stage}|${direction}|${digest}`;
}

/** The text that the receiver signs when the tensor arrived as it was committed to. */
export function receiptText(boundary: Boundary): string {
  return `received|${commitmentText(boundary)}`;
}
