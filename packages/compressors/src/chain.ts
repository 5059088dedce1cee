/**
 * Chain: `outer` makes fewer values of a tensor, `inner` says how these travel; indices and token ids go in front of them.
 *
 * Outer is `top-k` (its kept values, in order, are one row for inner) or `subspace` (its coefficients [tokens, rank]; what it
 * passes, such as gradients between replicas, inner takes whole). Inner is `identity`, `bfloat16`, `uniform-quantization`,
 * `top-k`, or a chain of top-k with one of these. Refused: `subspace` inside, since coefficients are not in the model's width;
 * `error-feedback` and `by-role`, which go around the chain. SparseLoCo's compressor is a chain of top-k (64 of 4096) and two
 * bits, with error feedback around it (arXiv 2508.15706).
 */
import { type Compressor, type Kinded, kindsWithin } from "@shardlab/contracts";
import { z } from "zod";
import { type Reducer, reducingCompressor } from "./reducer.ts";
import { type SubspaceSpec, subspaceSpec } from "./subspace.ts";
import { type TopKSpec, topKSpec } from "./top-k.ts";

/** Methods that leave values which another compressor can take over. */
export type ReducerSpec = SubspaceSpec | TopKSpec;

export interface ChainSpec<Inner> {
  readonly kind: "chain";
  readonly outer: ReducerSpec;
  readonly inner: Inner;
}

const misplaced: Readonly<Record<string, string>> = {
  subspace: "subspace projects the model's own rows, so it can only be the outer part of a chain",
  "error-feedback": "error-feedback goes around a chain, not inside",
  "by-role": "by-role goes around a chain, not inside",
};

export const chainSpec = <Inner extends Kinded>(inner: () => z.ZodType<Inner>) =>
  z.strictObject({
    kind: z.literal("chain"),
    outer: z
      .discriminatedUnion("kind", [subspaceSpec, topKSpec])
      .refine(({ values }) => values === "float32", {
        path: ["values"],
        error: "in a chain the inner compressor says how values travel",
      })
      .describe("what makes fewer values"),
    get inner() {
      return inner()
        .refine((spec) => faultsOf(spec).length === 0, { error: ({ input }) => faultsOf(input as Inner).join("; ") })
        .describe("how these travel");
    },
  });

const faultsOf = (spec: Kinded): string[] => [...new Set(kindsWithin(spec).flatMap((kind) => misplaced[kind] ?? []))];

export const chain = (kind: "chain", outer: Reducer, inner: Compressor): Compressor =>
  reducingCompressor(kind, outer, inner);
