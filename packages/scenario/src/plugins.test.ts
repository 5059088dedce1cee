import { quantity } from "@shardlab/contracts";
import { mechanismSpec } from "@shardlab/mechanisms";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { analysisArms } from "./analysis-arms.ts";
import type { EconomyScenario } from "./economy-scenario.ts";
import { formatFault } from "./fault.ts";
import { sampleWith } from "./fixtures/sample.ts";
import type { PluginMechanism } from "./language.ts";
import { loadScenario } from "./load.ts";
import { type LoadedScenario, pluginOf } from "./loaded-scenario.ts";
import { pluginPathsIn } from "./plugins.ts";
import { economyOf } from "./scenario-spec.ts";
import { kindsAt } from "./schema-place.ts";
import { resolvedNumber, withValues } from "./values.ts";

const lotterySpec = z.strictObject({
  kind: z.literal("lottery"),
  prize: quantity("money", { min: "$0" }).prefault("$1M"),
  odds: z.number().min(0).max(1).default(0.1),
});
const lottery: PluginMechanism = { file: "folder/rules/lottery.ts", kind: "lottery", spec: lotterySpec, hash: "abc" };
const builtIn = kindsAt(mechanismSpec);
const kinds = `${builtIn.slice(0, 8).join(", ")} or ${builtIn.length - 8} others`;

function loaded(text: string, mechanisms: readonly PluginMechanism[] = [lottery], overrides: readonly string[] = []) {
  const result = loadScenario(text, { file: "folder/x.yaml", mechanisms, overrides });
  if (!result.ok) throw new Error(result.faults.map((fault) => formatFault("x.yaml", fault)).join("\n"));
  return result.scenario as LoadedScenario<EconomyScenario>;
}

function faults(text: string, mechanisms: readonly PluginMechanism[] = [lottery]): readonly string[] {
  const result = loadScenario(text, { file: "folder/x.yaml", mechanisms });
  return result.ok ? [] : result.faults.map((fault) => formatFault("x.yaml", fault));
}

const withLottery = (...added: string[]) =>
  sampleWith({ 22: "  kind: lottery", 23: "  prize: $2M" }, "plugins: [./rules/lottery.ts]", ...added);

describe("a scenario with a plugin", () => {
  it("takes its kind and parameters beside the built-in ones, and tells where each point comes from", () => {
    const scenario = loaded(
      withLottery(
        "sweep:",
        "  mechanism: [grant, lottery]",
        "  mechanism.odds: { values: [0.2, 0.3], when: { mechanism: lottery } }",
        '  where: ["mechanism.prize <= $5M"]',
      ),
    );
    expect(scenario.resolved.mechanism).toEqual({ kind: "lottery", prize: 2e6, odds: 0.1 });
    expect(scenario.points.map(({ plugin }) => plugin)).toEqual([
      undefined,
      { kind: "lottery", file: "folder/rules/lottery.ts", hash: "abc" },
      { kind: "lottery", file: "folder/rules/lottery.ts", hash: "abc" },
    ]);
    expect(scenario.points[2]?.resolved.mechanism).toEqual({ kind: "lottery", prize: 1e6, odds: 0.3 });
    expect(pluginOf(scenario, scenario.resolved)).toEqual({
      kind: "lottery",
      file: "folder/rules/lottery.ts",
      hash: "abc",
    });
    expect(resolvedNumber(scenario, "mechanism.prize", "$3M")).toBe(3e6);
    expect(withValues(scenario.resolved, { "mechanism.odds": 0.7 }, scenario.language.spec).mechanism).toMatchObject({
      odds: 0.7,
    });
  });

  it("can be varied by overrides and analyses", () => {
    const scenario = loaded(
      withLottery(
        "sensitivity: { measure: compute, with: { mechanism.prize: $4M }, parameters: { mechanism.odds: { low: 0.1, high: 0.2 } } }",
      ),
      [lottery],
      ["mechanism.odds=0.5"],
    );
    expect(scenario.resolved.mechanism).toMatchObject({ odds: 0.5 });
    const { sensitivity } = scenario.resolved;
    const [arm] = sensitivity ? analysisArms(scenario, sensitivity) : [];
    expect(arm && economyOf(arm.scenario).mechanism).toMatchObject({ prize: 4e6 });
  });

  it("has the same schema again for the same content, and a hash without the list of plugins", () => {
    const first = loaded(withLottery());
    expect(loaded(withLottery()).language.spec).toBe(first.language.spec);
    expect(loaded(withLottery(), [{ ...lottery, hash: "def" }]).language.spec).not.toBe(first.language.spec);
    expect(loaded(sampleWith({}, "plugins: [./rules/lottery.ts]")).hash).toBe(loaded(sampleWith({}), []).hash);
  });
});

describe("a plugin within a built-in rule", () => {
  const nested = sampleWith(
    { 22: "  kind: slashing", 23: "  of: { kind: vesting, of: { kind: lottery, prize: $2M } }" },
    "plugins: [./rules/lottery.ts]",
    "sweep: { mechanism.of.of.odds: [0.2, 0.3] }",
    "verification: random-audit",
  );

  it("is resolved, swept and told apart", () => {
    const scenario = loaded(nested);
    expect(scenario.resolved.mechanism).toMatchObject({ of: { of: { kind: "lottery", prize: 2e6, odds: 0.1 } } });
    expect(scenario.points.map(({ resolved }) => resolved.mechanism)).toMatchObject([
      { of: { of: { odds: 0.2 } } },
      { of: { of: { odds: 0.3 } } },
    ]);
    for (const { plugin } of scenario.points) {
      expect(plugin).toEqual({ kind: "lottery", file: "folder/rules/lottery.ts", hash: "abc" });
    }
  });

  it("is missed where it was not loaded", () => {
    expect(faults(nested, [])[0]).toBe(
      `x.yaml:23:36 unknown mechanism: lottery (expected ${kinds}); plugin not loaded: ./rules/lottery.ts`,
    );
  });
});

describe("faults of plugins", () => {
  it.each([
    [
      "unknown key",
      sampleWith({ 22: "  kind: lottery", 23: "  prise: $2M" }),
      `x.yaml:23:3 unknown key: prise (expected prize, odds; did you mean prize?)`,
    ],
    [
      "unknown kind",
      sampleWith({ 22: "  kind: lotery", 23: "" }),
      "x.yaml:22:9 unknown mechanism: lotery (did you mean lottery?)",
    ],
    [
      "value",
      sampleWith({ 22: "  kind: lottery", 23: "  odds: 2" }),
      "x.yaml:23:9 odds too large: 2 (expected at most 1)",
    ],
    [
      "path",
      sampleWith({}, "plugins: [./rules/lottery.py]"),
      "x.yaml:24:11 invalid plugins.0: ./rules/lottery.py (expected a path that ends in .ts, .js or .mjs)",
    ],
    [
      "no list",
      sampleWith({}, "plugins: ./rules/lottery.ts"),
      'x.yaml:24:10 invalid plugins: "./rules/lottery.ts" (expected a list)',
    ],
    [
      "sweep",
      sampleWith({}, "sweep: { mechanism.odds: [1] }"),
      "x.yaml:24:10 unknown key: odds under mechanism (expected kind, revenueShare, dataShare, earlyWeight, exclusive, settlement, matchOutlay, uptimeWorkPerHour or 1 other); sweep it with when: { mechanism: lottery }",
    ],
  ])("%s", (_name, text, fault) => {
    expect(faults(text)).toEqual([fault]);
  });

  it("tell that a plugin was not loaded", () => {
    expect(faults(withLottery(), [])).toEqual([
      `x.yaml:22:9 unknown mechanism: lottery (expected ${kinds}); plugin not loaded: ./rules/lottery.ts`,
    ]);
    expect(faults(sampleWith({}, "plugins: [./a.ts]", "sweep: { mechanism: [lottry] }"), [])).toEqual([
      `x.yaml:25:22 unknown mechanism: lottry (expected ${kinds}); plugin not loaded: ./a.ts`,
    ]);
  });

  it("stand where the plugin is named", () => {
    const text = sampleWith({}, "plugins: [./rules/other.ts, ./rules/lottery.ts]");
    const grant = { ...lottery, kind: "grant" };
    expect(faults(text, [grant])).toEqual([
      "x.yaml:24:29 folder/rules/lottery.ts: kind of a built-in mechanism: grant (expected a name of its own)",
    ]);
    const again = { ...lottery, file: "./rules/other.ts" };
    expect(faults(text, [lottery, again])).toEqual([
      "x.yaml:24:11 ./rules/other.ts: kind of two plugins: lottery (also in folder/rules/lottery.ts)",
    ]);
    for (const spec of [
      z.object({ kind: z.literal("lottery") }),
      z.strictObject({ kind: z.string() }),
      z.number(),
      z.strictObject({ kind: z.literal("lotery") }),
    ]) {
      expect(faults(text, [{ ...lottery, spec }])).toEqual([
        'x.yaml:24:29 folder/rules/lottery.ts: no mechanism spec: lottery (expected a strict object whose kind is "lottery")',
      ]);
    }
  });
});

describe("pluginPathsIn", () => {
  it("finds the files and their places, whatever else is wrong", () => {
    expect(pluginPathsIn("plugins:\n  - ./a.ts\n  - 5\n  - /b/c.mjs\n  - ./a.ts\nhoziron: 1\n")).toEqual([
      { path: "./a.ts", line: 2, column: 5 },
      { path: "/b/c.mjs", line: 4, column: 5 },
    ]);
    for (const text of ["", "plugins: 5", "plugins: [", "- 1", "a\0", Buffer.from([0xff, 0xfe])])
      expect(pluginPathsIn(text)).toEqual([]);
  });
});
