/** A game in words that the terminal and the page share. */
import type { EquilibriumAnswer, GameAnswer, PopulationAnswer, RolesAnswer } from "@shardlab/experiment";
import { formatQuantity, formatRange } from "./number-format.ts";

type Estimate = EquilibriumAnswer["payoff"];

/** `$120 (95 % interval $90 to $150)`; the value alone where it is exact. */
export function withInterval({ value, low, high }: Estimate, unit: string): string {
  const known = formatQuantity(tidy(value), unit);
  return high - low > 1e-12 * Math.max(1, Math.abs(value))
    ? `${known} (95 % interval ${formatRange(low, high, unit)})`
    : known;
}

/** What is 0 but for rounding is 0. */
export const tidy = (value: number): number => (Math.abs(value) < 1e-12 ? 0 : value);

/** A share in per cent: `62 %`, `62 % (55 to 70)`. */
export function shareText({ value, low, high }: Estimate): string {
  const percent = (share: number): string => formatQuantity(Math.round(1000 * share) / 1000, "share");
  return high - low > 5e-4
    ? `${percent(value)} (${percent(low).replace(" %", "")} to ${percent(high)})`
    : percent(value);
}

/** The strategies that are in use, with their shares: `honest 62 % (55 to 70), lazy 38 % (30 to 45)`. */
export function mixText(strategies: readonly string[], shares: readonly Estimate[]): string {
  const used = strategies.flatMap((strategy, i) => {
    const share = shares[i];
    if (share === undefined || share.value < 1e-9) return [];
    return share.value > 1 - 1e-9 ? [`everybody ${strategy}`] : [`${strategy} ${shareText(share)}`];
  });
  return used.join(", ");
}

/** `verifier: audit 20 %, trust 80 %; provider: ...` */
export const rolesMixText = ({ roles, strategies }: RolesAnswer, mix: RolesAnswer["equilibria"][number]): string =>
  `${roles.row}: ${mixText(strategies.row, mix.row)}; ${roles.column}: ${mixText(strategies.column, mix.column)}`;

const stabilityWords: Readonly<Record<EquilibriumAnswer["stability"], string>> = {
  "evolutionarily stable": "evolutionarily stable",
  "neutrally stable": "neutrally stable: others drift in and are not driven out",
  unstable: "not stable: a few who deviate together do better",
};

export function stabilityText({ stability, isDegenerate }: EquilibriumAnswer): string {
  return `${stabilityWords[stability]}${isDegenerate ? "; degenerate: a strategy not in use earns as much" : ""}`;
}

/** How sure it is that there is such an equilibrium; undefined where payoffs are exact. */
export function persistenceText(persistence: number | null): string | undefined {
  if (persistence === null) return undefined;
  const share = formatQuantity(Math.round(1000 * persistence) / 1000, "share");
  return `in ${share} of payoff tables within the errors there is an equilibrium of the same strategies`;
}

/** Where starting points end: at an equilibrium, or somewhere in the continuum that it is an end of. */
export function basinText(one: EquilibriumAnswer, equilibria: readonly EquilibriumAnswer[]): string {
  const isAlone = equilibria.filter(({ component }) => component === one.component).length === 1;
  return `${shareText(one.basin)} of starting points end ${isAlone ? "here" : "in its continuum"}`;
}

/** Sets of equilibria of which only the ends are listed, such as `1 and 2`. */
export function continua(equilibria: readonly { readonly component: number }[]): string[] {
  const sets = new Map<number, number[]>();
  for (const [index, { component }] of equilibria.entries())
    sets.set(component, [...(sets.get(component) ?? []), index + 1]);
  return [...sets.values()].filter((members) => members.length > 1).map((members) => joined(members.map(String)));
}

const joined = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** The profile of the others: `honest`, or `2 honest, 1 lazy`. */
export function profileText(strategies: readonly string[], counts: readonly number[]): string {
  const present = counts.flatMap((count, i) => (count > 0 ? [{ count, name: strategies[i] ?? "" }] : []));
  const [only] = present;
  if (present.length === 1 && only) return only.name;
  return present.map(({ count, name }) => `${count} ${name}`).join(", ");
}

/** What the game comes to, in one sentence. */
export function verdictOf(answer: GameAnswer): string {
  const count = answer.equilibria.length;
  if (answer.kind === "roles") {
    const [first] = answer.equilibria;
    if (count === 1 && first) return `The only equilibrium has ${rolesMixText(answer, first)}.`;
    return `There are ${count} equilibria${continua(answer.equilibria).length > 0 ? ", some of them ends of a continuum" : ""}.`;
  }
  return `${answer.arm}: ${populationVerdict(answer)}`;
}

function populationVerdict({ equilibria, strategies, elsewhere }: PopulationAnswer): string {
  const rest = elsewhere.value > 0 ? `; ${shareText(elsewhere)} of starting points come to none` : "";
  const told = (one: EquilibriumAnswer): string => {
    const isSure = one.persistence === null || one.persistence > 0.95;
    const doubt = isSure
      ? ""
      : `; an equilibrium in ${formatQuantity(Math.round(100 * (one.persistence ?? 0)) / 100, "share")} of payoff tables within the errors`;
    return `${mixText(strategies, one.shares)} (${shareText(one.basin)} of starting points end there${doubt})`;
  };
  const lasting = equilibria.filter(({ stability }) => stability === "evolutionarily stable");
  if (lasting.length > 0) return `what lasts is ${lasting.map(told).join(", or ")}${rest}.`;
  const most = [...equilibria].sort((a, b) => b.basin.value - a.basin.value)[0];
  if (!most) return "no equilibrium was found.";
  const ends = equilibria.filter(({ component }) => component === most.component);
  if (ends.length > 1) {
    const between = joined(ends.map((one) => mixText(strategies, one.shares)));
    return `no equilibrium is evolutionarily stable; ${shareText(most.basin)} of starting points end in a continuum between ${between}${rest}.`;
  }
  return `no equilibrium is evolutionarily stable; the one that most starting points end at is ${told(most)}${rest}.`;
}
