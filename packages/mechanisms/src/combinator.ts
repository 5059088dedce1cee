/**
 * What the rules that go around another rule share: a specification takes the inner one as `of`, `quote` keeps the inner
 * offer within its own, and `settle` hands the inner rule what it offered itself.
 */
import {
  type EpochBatch,
  type Kinded,
  kindsWithin,
  type Mechanism,
  type MechanismProperty,
  type Offer,
  specsWithin,
} from "@shardlab/contracts";
import type { z } from "zod";

/** Why `inner` cannot stand within a rule; empty where it can. */
export type Misplacement = (inner: Kinded) => readonly string[];

/** The schema of a rule's inner rule, which refuses what cannot stand there. */
export function innerSpec<Inner extends Kinded>(
  inner: z.ZodType<Inner>,
  misplaced: Misplacement,
  description: string,
): z.ZodType<Inner> {
  return inner
    .refine((spec) => misplaced(spec).length === 0, {
      error: ({ input }) => [...new Set(misplaced(input as Inner))].join("; "),
    })
    .describe(description);
}

/** Refuses kinds at any depth, each with its reason. */
export const refusing =
  (reasons: Readonly<Record<string, string>>): Misplacement =>
  (inner) =>
    kindsWithin(inner).flatMap((kind) => reasons[kind] ?? []);

/** The rule innermost in `spec`, which no other goes around. */
export const innermost = (spec: Kinded): Kinded => specsWithin(spec).at(-1) as Kinded;

/** `offer` as changed by a rule around the one that made it. */
export const around = (offer: Offer, changes: Partial<Offer>): Offer => ({ ...offer, ...changes, within: offer });

/** What the rule that no other goes around offers. */
export const innermostOffer = (offer: Offer): Offer =>
  offer.within === undefined ? offer : innermostOffer(offer.within);

/** A copy that stays as it is when the rule that made the offer is asked again. */
export function copied({ within, ...columns }: Offer): Offer {
  const copy: Record<string, Float64Array | Uint8Array> = {};
  for (const [name, column] of Object.entries(columns)) copy[name] = column.slice();
  return { ...(copy as unknown as Offer), ...(within === undefined ? {} : { within: copied(within) }) };
}

/** The batch as the inner rule sees it: with the offer that it made. */
export const within = (batch: EpochBatch): EpochBatch => ({ ...batch, offer: batch.offer.within ?? batch.offer });

/** What a world must know of an inner rule, which the rule around it passes on. */
export const passedOn = (inner: Mechanism): Pick<Mechanism, "conditions" | "drawsAs" | "needs"> => {
  const { conditions, needs, drawsAs = inner.kind } = inner;
  return {
    drawsAs,
    ...(conditions === undefined ? {} : { conditions }),
    ...(needs === undefined ? {} : { needs }),
  };
};

/** What an inner rule claims, apart from what does not survive. */
export const claimsWithout = (inner: Mechanism, lost: readonly MechanismProperty[]): readonly MechanismProperty[] =>
  inner.claims.filter((claim) => !lost.includes(claim));

/** A column with every value multiplied by `factor`. */
export const scaled = (column: Float64Array, factor: number): Float64Array => column.map((value) => value * factor);

/** What `offer` pays in cash and coins, times `factor`. */
export const offeredPay = (offer: Offer, factor: number) => ({
  cashPerWork: scaled(offer.cashPerWork, factor),
  coinPerWork: scaled(offer.coinPerWork, factor),
  cashPerIdentity: scaled(offer.cashPerIdentity, factor),
  coinPerIdentity: scaled(offer.coinPerIdentity, factor),
});

/** What `offer` gives in ownership, times `factor`. */
export const offeredClaims = (offer: Offer, factor: number) => ({
  claimPerWork: scaled(offer.claimPerWork, factor),
  claimPerIdentity: scaled(offer.claimPerIdentity, factor),
});

/** The last epoch of a world, in which nothing can be held any longer. */
export const isLast = (context: { readonly horizonEpochs: number }, epoch: number): boolean =>
  epoch + 1 >= context.horizonEpochs;
