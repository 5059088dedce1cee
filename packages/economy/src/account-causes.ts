/** What the amount of a posting follows from: an offered rate, a share of something, stake, or a bill. */
import type { AccountId, Offer } from "@shardlab/contracts";
import type { Cause, Scene, TracedDelivery, TracedOwnership } from "./account-scene.ts";

/** One posting, as far as its cause is looked for. */
export interface Told {
  readonly reason: string;
  readonly asset: number;
  readonly counterparty: AccountId;
  /** Smallest units. */
  readonly amount: number;
  readonly pot: number;
  readonly share: number;
}

type KnownCause = { readonly cause: Cause; readonly formula: string };

const number = (value: number): string => String(Number(value.toPrecision(6)));

/** What the amount of a posting follows from: an offered rate, a share of something, stake, or a bill. */
export function causeOf(
  scene: Scene,
  told: Told,
  deliveries: readonly TracedDelivery[],
  ownership: readonly TracedOwnership[],
): KnownCause {
  const { vault, utility } = scene.books;
  if (told.counterparty === utility) return { cause: "bill", formula: "what running its devices costs it" };
  if (told.counterparty === vault) {
    return {
      cause: "stake",
      formula: told.amount < 0 ? lockFormula(scene, told, deliveries) : "released from the vault",
    };
  }
  return (
    rateCause(scene, told, deliveries) ?? shareCause(told, deliveries, ownership) ?? { cause: "other", formula: "" }
  );
}

/** What is locked, by what the offer asks of the work; another sum where some is locked already, or is held back from pay. */
function lockFormula({ models, offer }: Scene, { amount }: Told, deliveries: readonly TracedDelivery[]): string {
  const asked = deliveries.map(({ kind, model, quantity, identities }) => {
    if (offer === undefined || kind === "data") return undefined;
    const index = models.indexOf(model);
    const [rate, each] = [offer.stakePerWork[index], offer.stakePerIdentity[index]];
    const due = 1e6 * (quantity * rate + identities * each);
    const names = each > 0 ? ` + ${identities} × ${number(each)} per name` : "";
    const formula = `locked: ${number(quantity)} PFLOP × ${number(rate)} per PFLOP${names}`;
    return Math.abs(due + amount) <= 1 + 1e-9 * due ? formula : undefined;
  });
  return asked.find((formula) => formula !== undefined) ?? "locked in the vault";
}

const perWork = { cash: "cashPerWork", claim: "claimPerWork", coin: "coinPerWork" } as const;
const perIdentity = { cash: "cashPerIdentity", claim: "claimPerIdentity", coin: "coinPerIdentity" } as const;
const perToken = { cash: "cashPerToken", claim: "claimPerToken", coin: undefined } as const;

/** A delivery times a rate of the offer, where that is the amount but for rounding down. */
function rateCause(
  { books, models, offer }: Scene,
  told: Told,
  deliveries: readonly TracedDelivery[],
): KnownCause | undefined {
  if (offer === undefined) return undefined;
  const what = told.asset === books.cash ? "cash" : told.asset === books.coin ? "coin" : "claim";
  const scale = what === "cash" ? 1e6 : 1;
  for (const { kind, model, quantity, identities } of deliveries) {
    if (kind === "found bad") continue;
    const index = models.indexOf(model);
    const rateOf = (name: keyof Offer | undefined): number => {
      const column = name === undefined ? undefined : offer[name];
      return column instanceof Float64Array ? column[index] : 0;
    };
    const [rate, each] =
      kind === "work" ? [rateOf(perWork[what]), rateOf(perIdentity[what])] : [rateOf(perToken[what]), 0];
    const due = scale * (quantity * rate + identities * each);
    if (due <= 0 || Math.abs(due - told.amount) > 1 + 1e-9 * due) continue;
    const measure = kind === "work" ? "PFLOP" : "token";
    const names = each > 0 ? ` + ${identities} × ${number(each)} per name` : "";
    return { cause: "rate", formula: `${number(quantity)} ${measure} × ${number(rate)} per ${measure}${names}` };
  }
  return undefined;
}

/** A share of the pot that is the account's share of work, data or ownership, but for rounding. */
function shareCause(
  { amount, pot, share }: Told,
  deliveries: readonly TracedDelivery[],
  ownership: readonly TracedOwnership[],
): KnownCause | undefined {
  if (amount <= 0) return undefined;
  const near = (other: number): boolean => Math.abs(other - share) * pot <= 1 + 1e-9 * pot;
  const owned = ownership.find((one) => near(one.share));
  if (owned !== undefined) {
    return {
      cause: "ownership",
      formula: `${number(owned.units)} units, ${number(100 * owned.share)} % of ${owned.asset}`,
    };
  }
  const delivered = deliveries.find((one) => one.kind !== "found bad" && near(one.share));
  if (delivered === undefined) return undefined;
  const { kind, model } = delivered;
  return {
    cause: kind === "data" ? "data" : "work",
    formula: `${number(100 * delivered.share)} % of all ${kind} for ${model}`,
  };
}
