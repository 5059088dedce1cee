import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { analysisArms } from "./analysis-arms.ts";
import { formatFault } from "./fault.ts";
import { strategyGroups } from "./game-groups.ts";
import { loadScenario } from "./load.ts";

const tiny = readFileSync(new URL("../../../test/fixtures/tiny.yaml", import.meta.url), "utf8");
const group = /group: ([\w-]+)/.exec(tiny)?.[1] ?? "";

const loaded = (game: string, ...overrides: string[]) =>
  loadScenario(`${tiny}\n${game}\n`, { file: "tiny.yaml", overrides });

const faultsOf = (game: string): string[] => {
  const result = loaded(game);
  return result.ok ? [] : result.faults.map((fault) => formatFault("tiny.yaml", fault));
};

describe("the strategies of a game", () => {
  test("are the group with other fields, resolved", () => {
    const result = loaded(
      `game: { group: ${group}, strategies: { sober: {}, bold: { optimism: 1.5, discountRate: 30 %/y } }, with: { "providers.*.upkeep": $1/h, verification: random-audit } }`,
    );
    if (!result.ok) throw new Error(result.faults.map(({ message }) => message).join());
    const { game } = result.scenario.resolved;
    if (!game) throw new Error("no game");
    expect(game).toMatchObject({ players: 2, deviators: 0.05, seeds: 8, measure: "payoff" });
    const [arm] = analysisArms(result.scenario, game);
    const groups = strategyGroups(result.scenario, game, arm as NonNullable<typeof arm>);
    const [sober, bold] = [groups.get("sober"), groups.get("bold")];
    expect(bold).toEqual({ ...sober, optimism: 1.5, discountRate: bold?.discountRate });
    expect(bold?.optimism).toBe(1.5);
    // 30 % a year, in seconds of a year of 365.25 days.
    expect((bold?.discountRate ?? 0) * 365.25 * 86400).toBeCloseTo(0.3, 6);
    expect((sober?.upkeep ?? 0) * 3600).toBeCloseTo(1, 9);
  });

  test("change no run and no hash of the scenario itself", () => {
    const [plain, withGame] = [
      loaded(""),
      loaded(`game: { group: ${group}, strategies: { a: {}, b: { strategy: honest } } }`),
    ];
    if (!plain.ok || !withGame.ok) throw new Error("not loaded");
    expect(withGame.scenario.hash).toBe(plain.scenario.hash);
  });
});

describe("what is wrong with a game is told with its place", () => {
  const line = tiny.split("\n").length + 1;
  const cases: [string, string, string][] = [
    [
      "a group",
      `game: { group: ${group}x, strategies: { a: {}, b: {} } }`,
      `unknown group: ${group}x (expected ${group}`,
    ],
    [
      "a field",
      `game: { group: ${group}, strategies: { a: {}, b: { optimsm: 1 } } }`,
      "unknown key: optimsm under providers.0 (did you mean optimism?)",
    ],
    ["a value", `game: { group: ${group}, strategies: { a: {}, b: { optimism: -1 } } }`, "optimism too small: -1"],
    ["a count", `game: { group: ${group}, strategies: { a: {}, b: { count: 3 } } }`, "nothing to change: count"],
    ["one strategy", `game: { group: ${group}, strategies: { a: {} } }`, "expected at least two strategies"],
    ["players", `game: { group: ${group}, strategies: { a: {}, b: {} }, players: 1 }`, "players too small: 1"],
    [
      "a measure",
      `game: { group: ${group}, strategies: { a: {}, b: {} }, measure: payof }`,
      "unknown measure: payof (expected payoff; did you mean payoff?)",
    ],
    ["an arm", `game: { group: ${group}, strategies: { a: {}, b: {} }, arms: [none] }`, "unknown arm: none"],
    [
      "a path of with",
      `game: { group: ${group}, strategies: { a: {}, b: {} }, with: { market.grwth: 1 } }`,
      "did you mean growth?",
    ],
  ];
  test.each(cases)("%s", (_, game, expected) => {
    const faults = faultsOf(`${game}\nverification: random-audit`);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(expected);
    expect(faults[0]).toMatch(new RegExp(`^tiny.yaml:${line}:\\d+ `));
  });

  test("payoffs of a world in which nobody decides by a strategy, cheats or is checked", () => {
    const faults = faultsOf(`game: { group: ${group}, strategies: { a: {}, b: { optimism: 1 } } }`);
    expect(faults).toEqual([
      `tiny.yaml:${line}:1 unknown measure: payoff (an economy has it where it says a strategy, attacks or verification)`,
    ]);
    expect(faultsOf(`game: { group: ${group}, strategies: { a: {}, b: { strategy: honest } } }`)).toEqual([]);
  });
});
