/** What the world makes of conduct: who sees what, which rates hold, who may what, and where verdicts lead. */
import { attackSpec, createAttack } from "@shardlab/attacks";
import type { DecisionTable, EpochBatch, Mechanism, Sight, Strategy } from "@shardlab/contracts";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStreams } from "@shardlab/random";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import { createVerification, verificationSpec } from "@shardlab/verification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { traceAccount } from "../account-trace.ts";
import { economyAssumptions } from "../assumptions.ts";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { runPath } from "../path.ts";
import { replayEconomy } from "../replay.ts";
import { prepareEconomy, runEconomy } from "../run.ts";
import { buildConduct, type ConductFamilies } from "./conduct.ts";

const families: ConductFamilies = {
  strategy: (spec) => createStrategy(strategySpec.parse(spec)),
  attack: (spec) => createAttack(attackSpec.parse(spec)),
  verification: (spec) => createVerification(verificationSpec.parse(spec)),
};

const rule = (input: unknown): Mechanism => createMechanism(mechanismSpec.parse(input));
const piecework = rule({ kind: "spot-rental" });

type Group = Partial<EconomyInput["providers"][number]>;

/** A hundred days of groups that differ in what they are given alone, without noise and chance. */
const world = (fields: Partial<EconomyInput>, ...groups: Group[]) =>
  economyWith({
    ...{ horizon: "100 d", outlay: "$1B", shocks: "expected", data: [], beliefs: { kind: "adaptive" } },
    providers: (groups.length > 0 ? groups : [{}]).map((group, index) => ({
      ...{ group: `group-${index}`, count: 20, device: "rtx-4090" as const, riskAversion: 0, wealth: "$1M" },
      ...{ opportunity: 0.5, strategy: { kind: "best-response" } },
      ...group,
    })),
    participation: { temperature: 0, revision: "1 d" },
    models: [modelWith({ targetTokens: "100T", deadline: "10 y" })],
    market: { spending: "$1M/y" },
    attacks: [{ kind: "zero-gradient" }],
    ...fields,
  });

const run = (spec: ReturnType<typeof world>, mechanism = piecework, seed = 1, known = families) =>
  runEconomy(spec, mechanism, { seed, detail: "measures", families: known });

/** A strategy that works honestly, sees what it is told, and keeps every table that it is shown. */
function spy(sees: readonly Sight[]) {
  const tables: DecisionTable[] = [];
  const strategy: Strategy = {
    ...{ kind: "spy", sees, interest: "own", identities: { most: 1, costDollarsPerEpoch: 0 } },
    begin: () => (table, choice) => {
      tables.push(structuredClone(table));
      choice.fill(1, 0, table.rows);
    },
  };
  return { tables, families: { ...families, strategy: () => strategy } };
}

describe("what a strategy sees", () => {
  const columns = { utilities: "offer", earned: "own-pay", metEarned: "others-pay" } as const;

  it.each([
    [[]],
    [["offer"]],
    [["own-pay"]],
    [["own-pay", "others-pay"]],
    [["offer", "own-pay", "others-pay"]],
  ] as const)("is %j, and nothing else", (sees) => {
    const { tables, families: spying } = spy(sees);
    run(world({ horizon: "9 d" }), piecework, 1, spying);
    expect(tables.length).toBeGreaterThan(8);
    for (const table of tables) {
      for (const [column, sight] of Object.entries(columns)) {
        const width = column === "utilities" ? table.options : 1;
        const shown = table[column as keyof typeof columns].slice(0, table.rows * width);
        const isSeen = (sees as readonly Sight[]).includes(sight);
        expect(shown.every((value) => Number.isNaN(value) !== isSeen)).toBe(true);
      }
    }
  });

  it("comes to nobody who does not reconsider", () => {
    const { tables, families: spying } = spy(["offer"]);
    const participation = { temperature: 0, revision: "1 d", inertia: 0.7 };
    run(world({ participation }), piecework, 1, spying);
    const asked = tables.reduce((sum, { rows }) => sum + rows, 0);
    // 20 providers for 100 days.
    expect(Math.abs(asked - 2000 * 0.3)).toBeLessThan(4 * Math.sqrt(2000 * 0.3 * 0.7));
    const uniforms = tables.flatMap(({ uniforms: drawn, rows }) => [...drawn.slice(0, rows)]);
    const mean = uniforms.reduce((sum, value) => sum + value, 0) / asked;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / asked));
    const frozen = spy(["offer"]);
    run(world({ participation: { ...participation, inertia: 1 } }), piecework, 1, frozen.families);
    expect(frozen.tables.every(({ rows }) => rows === 0)).toBe(true);
  });
});

describe("uncertain rates", () => {
  const spec = (uncertainty: "likely" | "drawn") =>
    world({
      uncertainty,
      attacks: [{ kind: "profile", name: "lazy", costSaved: 0.6, detection: 0.5, damage: 2, relativeError: 0.3 }],
      verification: { kind: "random-audit", rate: 0.4 },
    });
  const attackOf = (uncertainty: "likely" | "drawn", seed: number) =>
    buildConduct(spec(uncertainty), createStreams(seed), families)?.attacks[0] as NonNullable<
      ReturnType<typeof buildConduct>
    >["attacks"][number];

  it("are the likely ones for every seed, or uniform within their ranges by seed", () => {
    const likely = attackOf("likely", 3);
    expect([likely.costSaved, likely.damage]).toEqual([0.6, 2]);
    expect(likely.found).toBeCloseTo(0.4 * 0.5, 15);
    const seeds = Array.from({ length: 400 }, (_, seed) => seed);
    for (const [rate, value] of [
      ["costSaved", 0.6],
      ["damage", 2],
      ["found", 0.2],
    ] as const) {
      const drawn = seeds.map((seed) => attackOf("drawn", seed)[rate]);
      expect(seeds.map((seed) => attackOf("drawn", seed)[rate])).toEqual(drawn);
      const [low, high] = [0.7 * value, 1.3 * value];
      expect(Math.min(...drawn)).toBeGreaterThanOrEqual(low - 1e-12);
      expect(Math.max(...drawn)).toBeLessThanOrEqual(high + 1e-12);
      const below = (share: number) => drawn.filter((one) => one < low + share * (high - low)).length / seeds.length;
      for (const share of [0.1, 0.25, 0.5, 0.75, 0.9]) {
        expect(Math.abs(below(share) - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / seeds.length));
      }
    }
  });
});

describe("a group's attacks", () => {
  it("are those that it is given, and no others", () => {
    const attacks = [{ kind: "zero-gradient" }, { kind: "gradient-copy" }];
    const share = (...names: (readonly string[] | undefined)[]) =>
      measured(
        run(world({ attacks }, ...names.map((list) => ({ ...(list && { attacks: [...list] }) })))),
        "cheating-share",
      );
    expect(share(undefined)).toBe(1);
    expect(share([])).toBe(0);
    expect(share(["gradient-copy"])).toBe(1);
    expect(share([], undefined)).toBeCloseTo(0.5, 12);
    expect(share([], [], ["zero-gradient"])).toBeCloseTo(1 / 3, 12);
  });
});

describe("a false slash", () => {
  // A stake of 40 days' pay, found bad once in a hundred days: worth it for whoever has the money.
  const slashing = { kind: "slashing", payMultiple: 40, of: { kind: "spot-rental", multiple: 3 } };
  const payDollars = (() => {
    const { world: built } = prepareEconomy(world({}), piecework, { seed: 1, families });
    return 3 * built.population.workPerEpoch[0] * built.marketPricePerWork;
  })();
  const honest = (wealthInPay: number, falsePositive: number) => {
    const verification = { kind: "random-audit", rate: 0.5, falsePositive };
    const group = { wealth: `$${wealthInPay * payDollars}`, strategy: { kind: "honest" } };
    return run(world({ verification }, group), rule(slashing));
  };

  it("drives out who cannot lock its stake again, once, and nobody who can", () => {
    const rich = honest(400, 0.02);
    const wrong = 20 * 100 * 0.01;
    expect(Math.abs(measured(rich, "false-slashes") - wrong)).toBeLessThan(4 * Math.sqrt(wrong));
    expect([measured(rich, "honest-exits"), measured(rich, "participation")]).toEqual([0, 1]);
    const poor = honest(41, 0.02);
    const exits = measured(poor, "honest-exits");
    expect(exits).toBeGreaterThan(2);
    // Whoever is out has nothing to come back with, so that each is found bad once and leaves once.
    expect(exits).toBeLessThanOrEqual(measured(poor, "false-slashes"));
    expect(measured(poor, "participation")).toBeLessThan(1 - (exits / 20) * 0.3);
  });

  it("needs a verdict: without false positives nobody leaves", () => {
    const outcome = honest(41, 0);
    expect(["false-slashes", "honest-exits", "participation"].map((name) => measured(outcome, name))).toEqual([
      0, 0, 1,
    ]);
  });
});

describe("verdicts", () => {
  /** Runs a path and keeps what the rule was told. */
  function watched(spec: ReturnType<typeof world>, mechanism: Mechanism) {
    const { world: built, found, shocks } = prepareEconomy(spec, mechanism, { seed: 2, families });
    let verdicts = 0;
    const settle: Mechanism["settle"] = (state, batch: EpochBatch) => {
      verdicts += batch.verdicts?.count ?? 0;
      const paid = new Set(batch.work.account.slice(0, batch.work.count));
      for (let row = 0; row < (batch.verdicts?.count ?? 0); row++) {
        expect(paid.has(batch.verdicts?.account[row] as number)).toBe(false);
      }
      return mechanism.settle(state, batch);
    };
    const options = { journalCapacity: 0, observe: () => undefined };
    const state = runPath(built, { ...mechanism, settle }, found.beliefs, shocks, options);
    return { state, verdicts };
  }

  it.each([
    ["slashing", { kind: "slashing", of: { kind: "spot-rental", multiple: 2 } }],
    ["slashing for reporters", { kind: "slashing", to: "reporters", forfeit: 0.4, of: "spot-rental" }],
    ["slashing for the treasury", { kind: "slashing", to: "treasury", of: "protocol-models" }],
    ["escrow", { kind: "escrow", challenge: "5 d", of: { kind: "spot-rental" } }],
    ["both", { kind: "vesting", of: { kind: "slashing", of: { kind: "escrow", of: "protocol-models" } } }],
  ])("reach %s, and the books balance", (_name, input) => {
    const named = JSON.parse(JSON.stringify(input), (key, value) =>
      key === "of" && typeof value === "string" ? { kind: value } : value,
    );
    const lazy = { strategy: { kind: "fixed", option: "zero-gradient" } };
    const spec = world({ verification: { kind: "random-audit", rate: 0.3, falsePositive: 0.05 } }, {}, lazy);
    const { state, verdicts } = watched(spec, rule(named));
    const { totals } = state.conduct as NonNullable<typeof state.conduct>;
    expect(verdicts).toBeGreaterThan(30);
    expect(totals.caught + totals.falseVerdicts).toBe(verdicts);
    state.books.ledger.checkConservation();
    // What was locked is given back or gone by the end.
    expect(state.books.ledger.balance(state.books.vault, state.books.cash)).toBe(0);
  });

  it("are told by a trace of the account, and a replay leaves the trace of the run", () => {
    const spec = world(
      { verification: { kind: "random-audit", rate: 1 } },
      { strategy: { kind: "fixed", option: "zero-gradient" } },
    );
    const mechanism = rule({ kind: "slashing", of: { kind: "spot-rental" } });
    const trace = traceAccount(spec, mechanism, { seed: 1, families, account: "provider/3", epoch: 5 });
    if (typeof trace === "string") throw new Error(trace);
    expect(trace.deliveries.map(({ kind, model }) => [kind, model])).toEqual([["found bad", "toy"]]);
    expect(trace.deliveries[0].share).toBeCloseTo(1 / 20, 12);
    expect(trace.postings.some(({ reason, amount }) => reason === "stake" && amount < 0)).toBe(true);
    const outcome = runEconomy(spec, mechanism, { seed: 1, detail: "full", families });
    const replay = replayEconomy(spec, mechanism, { seed: 1, families });
    expect([replay.isWhole, replay.traceHash]).toEqual([true, outcome.traceHash]);
  });
});

describe("names under equal-epoch-split", () => {
  it("bring one provider of k names against nine others k / (k + 9) of the pool", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), (names) => {
        const sybil = { count: 1, group: "sybil", strategy: { kind: "sybil", identities: names } };
        const nine = { count: 9, group: "others", strategy: { kind: "honest" } };
        const spec = world({ attacks: [], horizon: "40 d", outlay: "$1M" }, sybil, nine);
        const split = rule({ kind: "equal-epoch-split" });
        const trace = traceAccount(spec, split, { seed: 1, families, account: "provider/0", epoch: 20 });
        if (typeof trace === "string") throw new Error(trace);
        const paid = trace.postings.filter(
          ({ amount, asset, reason }) => amount > 0 && asset === "cash" && !/wealth/.test(reason),
        );
        const share = paid.reduce((sum, one) => sum + one.amount, 0) / paid.reduce((sum, one) => sum + one.pot, 0);
        expect(share).toBeCloseTo(names / (names + 9), 5);
      }),
      { numRuns: 8 },
    );
  });
});

describe("logit by name", () => {
  it("has the temperature of the economy unless it is given one", () => {
    const participation = { temperature: 0.4, revision: "1 d" };
    const hash = (strategy?: object) =>
      run(world({ participation, verification: { kind: "no-verification" } }, { ...({ strategy } as Group) }))
        .traceHash;
    expect(hash({ kind: "logit" })).toBe(hash(undefined));
    expect(hash({ kind: "logit", temperature: 0.4 })).toBe(hash(undefined));
    expect(hash({ kind: "logit", temperature: 3 })).not.toBe(hash(undefined));
  });
});

describe("the assumptions", () => {
  const statements = (spec: ReturnType<typeof world>) =>
    economyAssumptions(spec)
      .map(({ statement }) => statement)
      .join("\n");

  it("say that nobody cheats only where nobody can", () => {
    expect(statements(economyWith({}))).toContain("Nobody cheats");
    const checked = statements(world({ verification: { kind: "random-audit", rate: 0.1 } }));
    expect(checked).not.toContain("Nobody cheats");
    for (const word of ["profile", "audit", "own damage"]) expect(checked.toLowerCase()).toContain(word);
    expect(statements(world({}))).toContain("Nobody checks");
  });
});
