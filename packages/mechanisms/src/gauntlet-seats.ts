/** Who holds the seats of a model: newcomers take free ones, then a few take those with the lowest scores. */
import type { AccountRange, Deliveries } from "@shardlab/contracts";
import { type Seats, vacate } from "./gauntlet-scores.ts";

export interface Arrivals {
  /** Row of `work` in which each provider delivered to this model, or -1. */
  readonly rowOf: Int32Array;
  readonly work: Deliveries;
  readonly providers: AccountRange;
  /** Provider from which on newcomers are looked for. */
  readonly start: number;
  readonly epoch: number;
}

/** Names of one account count from 0; this many distinguish all that one may have. */
const namesPerAccount = 2 ** 20;

/** Seats whoever delivers and has no seat, in place; returns how many names delivered in all. */
export function assignSeats(
  seats: Seats,
  arrivals: Arrivals,
  rule: { readonly registrationsPerEpoch: number; readonly immunityEpochs: number },
): number {
  const { rowOf, work, providers, start, epoch } = arrivals;
  const available = availableSeats(seats, epoch, rule);
  const held = new Set<number>();
  for (let seat = 0; seat < seats.account.length; seat++) {
    if (seats.account[seat] >= 0) held.add(seats.account[seat] * namesPerAccount + seats.name[seat]);
  }
  let names = 0;
  for (let step = 0; step < rowOf.length; step++) {
    const provider = (start + step) % rowOf.length;
    if (rowOf[provider] < 0) continue;
    const identities = work.identities?.[rowOf[provider]] ?? 1;
    names += identities;
    const account = providers.first + provider;
    for (let name = 0; name < identities && available.length > 0; name++) {
      if (held.has(account * namesPerAccount + name)) continue;
      const seat = available.shift() as number;
      vacate(seats, seat);
      seats.account[seat] = account;
      seats.name[seat] = name;
      seats.since[seat] = epoch;
    }
  }
  return names;
}

/** Free seats, then those that newcomers may take: old enough, lowest score first, among equals the oldest. */
function availableSeats(
  seats: Seats,
  epoch: number,
  { registrationsPerEpoch, immunityEpochs }: { registrationsPerEpoch: number; immunityEpochs: number },
): number[] {
  const all = Array.from(seats.account.keys());
  const free = all.filter((seat) => seats.account[seat] < 0);
  if (free.length > 0) return free;
  return all
    .filter((seat) => epoch - seats.since[seat] >= immunityEpochs && seats.timeout[seat] === 0)
    .sort((a, b) => seats.final[a] - seats.final[b] || seats.since[a] - seats.since[b] || a - b)
    .slice(0, registrationsPerEpoch);
}
