/** What is known of one account in one epoch of a run made again, and what is told of it. */
import type { AccountId, Deliveries, Offer } from "@shardlab/contracts";
import type { Books } from "./books.ts";

/** What the account delivered to one model, and what of its work an audit found bad. */
export interface TracedDelivery {
  readonly kind: "work" | "data" | "found bad";
  readonly model: string;
  /** PFLOP of work, or quality-weighted tokens. */
  readonly quantity: number;
  /** Of all that was delivered to the model in the epoch, this included. */
  readonly share: number;
  readonly identities: number;
}

/** The account's ownership of a model before the epoch was settled, and what it is of. */
export interface TracedOwnership {
  readonly asset: string;
  readonly units: number;
  /** Of all units outstanding; those that lie in the vault included. */
  readonly share: number;
  /** Share of the model's revenue that the offer promises to all owners of the kind together. */
  readonly promisedShare: number;
  readonly revenueDollars: number;
}

/** What the amount of a posting follows from. */
export const causes = ["rate", "work", "names", "data", "ownership", "stake", "bill", "other"] as const;
export type Cause = (typeof causes)[number];

/** What is kept of a batch, because its columns are written over. */
export interface SettledEpoch {
  readonly offer: Offer | undefined;
  readonly work: Deliveries;
  readonly data: Deliveries;
  readonly verdicts: Deliveries;
  readonly revenueMicros: Float64Array;
}

export interface Scene extends SettledEpoch {
  readonly books: Books;
  readonly models: readonly string[];
  readonly account: AccountId;
  readonly epoch: number;
}
