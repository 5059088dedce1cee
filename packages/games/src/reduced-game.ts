/**
 * A symmetric game of n players from payoffs by what the others play: `payoffs[i * profiles + k]` is what i earns where the
 * n - 1 others are profile k, in the order of `profilesOf`.
 *
 * In a population with shares x everybody meets n - 1 others drawn from it, so that i earns
 * sum over profiles c of (n - 1)! / prod c_j! prod x_j^c_j payoffs(i, c): a polynomial of degree n - 1. Two players make it a
 * matrix. As a model of many players it is the deviation-preserving reduction of Wiedenbeck and Wellman, "Scaling
 * simulation-based game analysis through deviation-preserving reduction" (AAMAS 2012): one who plays i against the others in
 * proportion to c.
 *
 * Limits: between profiles payoffs are a polynomial, whatever they are in truth. Checked against expectations by enumerating
 * every assignment of strategies to the others, and derivatives against differences.
 */
import { type PopulationGame, scaleOf } from "./game.ts";

const mostProfiles = 100_000;

/** How many of `players` play each of `strategies`: every way there is, the first strategy's count falling. */
export function profilesOf(strategies: number, players: number): number[][] {
  if (strategies === 1) return [[players]];
  return Array.from({ length: players + 1 }, (_, taken) => players - taken).flatMap((first) =>
    profilesOf(strategies - 1, players - first).map((rest) => [first, ...rest]),
  );
}

/** binomial(strategies + others - 1, others), how many profiles of the others there are. */
export function profileCount(strategies: number, others: number): number {
  let count = 1;
  for (let i = 1; i <= others; i++) count = (count * (strategies - 1 + i)) / i;
  return Math.round(count);
}

/** @property players n, at least 2. */
export interface ReducedGame {
  readonly strategies: number;
  readonly players: number;
  readonly payoffs: Float64Array;
}

/** @throws Error `invalid game: ...` */
export function reducedGame({ strategies, players, payoffs }: ReducedGame): PopulationGame {
  if (!(Number.isInteger(players) && players >= 2))
    throw new Error(`invalid game: ${players} players (expected 2 or more)`);
  const count = profileCount(strategies, players - 1);
  if (count > mostProfiles) throw new Error(`invalid game: ${count} profiles (expected at most ${mostProfiles})`);
  if (payoffs.length !== strategies * count)
    throw new Error(`invalid game: ${payoffs.length} payoffs (expected ${strategies * count})`);
  const profiles = profilesOf(strategies, players - 1);
  const counts = Uint8Array.from(profiles.flat());
  const ways = Float64Array.from(profiles, waysOf);
  const payoffsAt = (shares: Float64Array, out: Float64Array): void => {
    out.fill(0);
    for (let profile = 0; profile < count; profile++) {
      const chance = ways[profile] * product(shares, counts, { profile, without: -1 });
      for (let i = 0; i < strategies; i++) out[i] += chance * payoffs[i * count + profile];
    }
  };
  const jacobianAt = (shares: Float64Array, out: Float64Array): void => {
    out.fill(0);
    for (let profile = 0; profile < count; profile++) {
      for (let j = 0; j < strategies; j++) {
        const power = counts[profile * strategies + j];
        if (power === 0) continue;
        const slope = ways[profile] * power * product(shares, counts, { profile, without: j });
        for (let i = 0; i < strategies; i++) out[i * strategies + j] += slope * payoffs[i * count + profile];
      }
    }
  };
  return { strategies, scale: scaleOf(payoffs), payoffsAt, jacobianAt };
}

/** Orders in which a profile can come about: (n - 1)! / prod c_j!. */
function waysOf(profile: readonly number[]): number {
  let ways = 1;
  let placed = 0;
  for (const count of profile) for (let i = 1; i <= count; i++) ways = (ways * ++placed) / i;
  return Math.round(ways);
}

/** prod x_j^c_j, one power of `without` left out. */
function product(
  shares: Float64Array,
  counts: Uint8Array,
  { profile, without }: { readonly profile: number; readonly without: number },
): number {
  let result = 1;
  const from = profile * shares.length;
  for (let j = 0; j < shares.length; j++) {
    const power = counts[from + j] - (j === without ? 1 : 0);
    for (let times = 0; times < power; times++) result *= shares[j];
  }
  return result;
}
