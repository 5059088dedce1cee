/** What providers hear of others' pay, and the replicator equation in the economy. */
import type { DecisionTable, Strategy } from "@shardlab/contracts";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import { describe, expect, it } from "vitest";
import { type EconomyInput, economyWith, modelWith } from "../fixtures/small-economy.ts";
import { runEconomy } from "../run.ts";
import { buildWorld } from "../world.ts";
import type { ConductFamilies } from "./conduct.ts";

const unused = (): never => {
  throw new Error("not asked for: neither attacks nor audits here");
};
const familiesOf = (strategy: (spec: { readonly kind: string }) => Strategy): ConductFamilies => ({
  ...{ strategy, attack: unused, verification: unused },
});
const made = (spec: { readonly kind: string }): Strategy => createStrategy(strategySpec.parse(spec));

/** Providers who are all alike, under piecework, by the strategies of their groups. */
const world = (groups: readonly { count: number; strategy: object }[], revision = "1 d", horizon = "30 d") =>
  economyWith({
    ...{ horizon, outlay: "$1B", shocks: "expected", data: [], beliefs: { kind: "adaptive" } },
    providers: groups.map((group, index): EconomyInput["providers"][number] => ({
      ...{ group: `group-${index}`, device: "rtx-4090", riskAversion: 0, wealth: "$1M", opportunity: 0.4 },
      ...(group as { count: number; strategy: { kind: string } }),
    })),
    participation: { temperature: 0, revision },
    models: [modelWith({ targetTokens: "100T", deadline: "10 y" })],
    market: { spending: "$1M/y" },
  });

const run = (spec: ReturnType<typeof world>, families: ConductFamilies) =>
  runEconomy(spec, createMechanism(mechanismSpec.parse({ kind: "spot-rental" })), {
    ...{ seed: 3, detail: "measures", families },
  });

/** What a day of rest and one of work earn, in rental values. */
function earnings(spec: ReturnType<typeof world>): { rest: number; work: number } {
  const { population, marketPricePerWork } = buildWorld(spec, 3, familiesOf(made));
  const { workPerEpoch, runningCost, opportunity, rentalValue } = population;
  return {
    rest: opportunity[0] / rentalValue[0],
    work: (workPerEpoch[0] * marketPricePerWork - runningCost[0]) / rentalValue[0],
  };
}

describe("what others earned", () => {
  it.each([
    ["1 d", 60],
    ["5 d", 60],
    ["1 d", 2500],
  ])("is told with the option that earned it: decisions every %s, %d providers", (revision, count) => {
    const heard: [option: number, earned: number][] = [];
    const spec = world([{ count, strategy: { kind: "replicator" } }], revision);
    const fickle: Strategy = {
      ...{ kind: "fickle", interest: "own", identities: { most: 1, costDollarsPerEpoch: 0 } },
      sees: ["own-pay", "others-pay"],
      begin: () => (table, choice) => {
        for (let row = 0; row < table.rows; row++) {
          heard.push([table.metOption[row], table.metEarned[row]]);
          choice[row] = table.uniforms[row] < 0.5 ? 0 : 1;
        }
      },
    };
    run(
      spec,
      familiesOf(() => fickle),
    );
    const { rest, work } = earnings(spec);
    expect(heard.filter(([option]) => option === 1).length).toBeGreaterThan(heard.length / 4);
    for (const [option, earned] of heard) expect(earned).toBeCloseTo(option === 0 ? rest : work, 5);
  });
});

describe("imitators", () => {
  it("come by the replicator equation where some work already, and nobody does where nobody works", () => {
    const [imitators, workers, days] = [3000, 500, 14];
    const gapless = world([{ count: 1, strategy: { kind: "replicator" } }]);
    const { rest, work } = earnings(gapless);
    // Whoever rests and meets somebody at work comes with this chance.
    const chance = 0.4;
    const replicator = { kind: "replicator", rate: chance / (work - rest) };
    const shares: number[][] = [];
    const counted = (spec: { readonly kind: string }): Strategy => {
      const strategy = made(spec);
      if (spec.kind !== "replicator") return strategy;
      return {
        ...strategy,
        begin: (group) => {
          const decide = strategy.begin(group);
          let seen = 0;
          return (table: DecisionTable, choice: Int32Array) => {
            decide(table, choice);
            for (let row = 0; row < table.rows; row++) {
              const day = Math.floor(seen++ / imitators);
              shares[day] ??= [];
              shares[day].push(choice[row]);
            }
          };
        },
      };
    };
    const groups = [
      { count: workers, strategy: { kind: "honest" } },
      { count: imitators, strategy: replicator },
    ];
    run(world(groups, "1 d", `${days} d`), familiesOf(counted));
    // Of those met, half have decided today already and tell of yesterday, and half tell of the day before.
    let [before, now] = [0, 0];
    for (const [day, choices] of shares.slice(0, days).entries()) {
      const areAtWork = day === 0 ? 0 : workers + (imitators * (before + now)) / 2;
      const next = now + (1 - now) * chance * (areAtWork / (imitators + workers));
      [before, now] = [now, next];
      const share = choices.reduce((sum, option) => sum + option, 0) / imitators;
      expect(Math.abs(share - now)).toBeLessThan((4 * 0.5) / Math.sqrt(imitators));
    }
    expect(now).toBeGreaterThan(0.6);
    shares.length = 0;
    run(world([groups[1]], "1 d", `${days} d`), familiesOf(counted));
    expect(shares.flat().every((option) => option === 0)).toBe(true);
  });
});
