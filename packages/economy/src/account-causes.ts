/** What the amount of a posting follows from: an offered rate, a share of something, stake, or a bill. */
import { type AccountId, microsPerDollar, type Offer } from "@shardlab/contracts";
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
  const { customers, vault, utility } = scene.books;
  // Customers pay institutions for service, never an account for what it delivered.
  if (told.counterparty === customers) return { cause: "other", formula: "" };
  if (told.counterparty === utility) return { cause: "bill", formula: "what running its devices costs it" };
  if (told.counterparty === vault) {
    return {
      cause: "stake",
      formula: told.amount < 0 ? lockFormula(scene, told, deliveries) : "released from the vault",
    };
  }
  return (
    rateCause(scene, told, deliveries) ??
    shareCause(scene, told, deliveries, ownership) ?? { cause: "other", formula: "" }
  );
}

/** What is locked, by what the offer asks of the work; another sum where some is locked already, or is held back from pay. */
function lockFormula({ models, offer }: Scene, { amount }: Told, deliveries: readonly TracedDelivery[]): string {
  const asked = deliveries.map(({ kind, model, quantity, identities }) => {
    if (offer === undefined || kind === "data") return undefined;
    const index = models.indexOf(model);
    const [rate, each] = [offer.stakePerWork[index], offer.stakePerIdentity[index]];
    const due = microsPerDollar * (quantity * rate + identities * each);
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
  const scale = what === "cash" ? microsPerDollar : 1;
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

/** A share of the pot that is the account's share of ownership, data, and work or names, but for rounding. */
function shareCause(
  scene: Scene,
  told: Told,
  deliveries: readonly TracedDelivery[],
  ownership: readonly TracedOwnership[],
): KnownCause | undefined {
  const { amount, pot, share } = told;
  if (amount <= 0) return undefined;
  const near = (other: number): boolean => Math.abs(other - share) * pot <= 1 + 1e-9 * pot;
  // Owners are paid in cash: whoever gets units gets them for something else.
  const isCash = told.asset === scene.books.cash;
  const owned = isCash ? ownership.find((one) => near(one.share)) : undefined;
  if (owned !== undefined) {
    return {
      cause: "ownership",
      formula: `${number(owned.units)} units, ${number(100 * owned.share)} % of ${owned.asset}`,
    };
  }
  for (const { kind, model, identities } of deliveries) {
    if (kind !== "work" || !paysNamesAlone(scene, model)) continue;
    const all = namesFor(scene, model);
    if (near(identities / all))
      return { cause: "names", formula: `${identities} of ${all} names at work for ${model}` };
  }
  const delivered = deliveries.find(
    ({ kind, model, share: part }) =>
      kind !== "found bad" && near(part) && !(kind === "work" && paysNamesAlone(scene, model)),
  );
  if (delivered === undefined) return undefined;
  const { kind, model } = delivered;
  return {
    cause: kind === "data" ? "data" : "work",
    formula: `${number(100 * delivered.share)} % of all ${kind} for ${model}`,
  };
}

/** Whether the offer pays for names at work and not for work. */
function paysNamesAlone({ models, offer }: Scene, model: string): boolean {
  if (offer === undefined) return false;
  const index = models.indexOf(model);
  const { cashPerWork, claimPerWork, coinPerWork, cashPerIdentity, claimPerIdentity, coinPerIdentity } = offer;
  const isPaid = (columns: readonly Float64Array[]): boolean => columns.some((column) => column[index] > 0);
  return (
    isPaid([cashPerIdentity, claimPerIdentity, coinPerIdentity]) && !isPaid([cashPerWork, claimPerWork, coinPerWork])
  );
}

/** Names at work for a model in the epoch. */
function namesFor({ models, work }: Scene, model: string): number {
  const index = models.indexOf(model);
  let names = 0;
  for (let row = 0; row < work.count; row++) {
    if (work.model[row] === index && work.quantity[row] > 0) names += work.identities?.[row] ?? 1;
  }
  return names;
}
