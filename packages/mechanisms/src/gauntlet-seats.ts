/** Who holds the seats of a model: newcomers take free ones, then a few take those with the lowest scores. */
import type { AccountRange, Deliveries } from "@shardlab/contracts";
import { type Seats, vacate } from "./gauntlet-scores.ts";

export interface Arrivals {
  /** Row of `work` in which each provider delivered to this model, or -1. */
  readonly rowOf: Int32Array;
  readonly work: Deliveries;
  readonly providers: AccountRange;
  /** Share of the newcomers, in [0, 1), after whom the first seat is given: of names and not of accounts, so that each has the same chance. */
  readonly start: number;
  readonly epoch: number;
}

/** Seats whoever delivers and has no seat, in place; returns how many names delivered in all. */
export function assignSeats(
  seats: Seats,
  arrivals: Arrivals,
  rule: { readonly registrationsPerEpoch: number; readonly immunityEpochs: number },
): number {
  const { rowOf, providers, start, epoch } = arrivals;
  const held = heldNames(seats);
  const newcomers = new Float64Array(rowOf.length);
  let [names, total] = [0, 0];
  for (let provider = 0; provider < rowOf.length; provider++) {
    const identities = namesOf(arrivals, provider);
    newcomers[provider] = identities - seatedBelow(held.get(providers.first + provider), identities);
    names += identities;
    total += newcomers[provider];
  }
  const available = availableSeats(seats, epoch, rule).slice(0, total);
  const take = (account: number, name: number): void => {
    const seat = available.shift() as number;
    vacate(seats, seat);
    seats.account[seat] = account;
    seats.name[seat] = name;
    seats.since[seat] = epoch;
  };
  // Around the circle of all newcomers, once.
  let skipped = Math.floor(start * total);
  for (let step = 0; step < 2 * rowOf.length && available.length > 0; step++) {
    const provider = step % rowOf.length;
    if (newcomers[provider] <= skipped) {
      skipped -= newcomers[provider];
      continue;
    }
    const account = providers.first + provider;
    const own = held.get(account);
    for (let name = 0; name < namesOf(arrivals, provider) && available.length > 0; name++) {
      if (own?.has(name)) continue;
      if (skipped > 0) skipped -= 1;
      else take(account, name);
    }
  }
  return names;
}

/** Names under which a provider delivered. */
function namesOf({ rowOf, work }: Arrivals, provider: number): number {
  const row = rowOf[provider];
  return row < 0 ? 0 : (work.identities?.[row] ?? 1);
}

/** Names with a seat, by account. */
function heldNames({ account, name }: Seats): Map<number, Set<number>> {
  const held = new Map<number, Set<number>>();
  for (let seat = 0; seat < account.length; seat++) {
    if (account[seat] < 0) continue;
    const own = held.get(account[seat]);
    if (own) own.add(name[seat]);
    else held.set(account[seat], new Set([name[seat]]));
  }
  return held;
}

function seatedBelow(own: ReadonlySet<number> | undefined, identities: number): number {
  let count = 0;
  for (const name of own ?? []) if (name < identities) count++;
  return count;
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
