import { mechanismSpec } from "@shardlab/mechanisms";
import { describe, expect, it } from "vitest";
import { faultsOf, load, sampleWith } from "./fixtures/sample.ts";
import { kindsAt } from "./schema-place.ts";

type Case = readonly [name: string, source: string | Uint8Array, ...faults: readonly string[]];

/** Kinds of mechanisms: all of them, and as a message shows them that has no room for all. */
const kinds = kindsAt(mechanismSpec);
const mechanismKinds = kinds.join(", ");
const someKinds = `${kinds.slice(0, 8).join(", ")} or ${kinds.length - 8} others`;

/** Positions are counted by hand in the sample. */
const cases: readonly Case[] = [
  // The text.
  ["empty", "", "x.yaml:1:1 empty file (expected a scenario, which opens with question)"],
  ["only comments", "# a\n# b\n", "x.yaml:1:1 empty file (expected a scenario, which opens with question)"],
  ["NUL", sampleWith({ 3: "hori\0zon" }), "x.yaml:3:5 binary file: NUL byte (expected YAML text)"],
  ["escape", sampleWith({ 3: "a: \u001b[31m" }), "x.yaml:3:4 control character: U+001B (expected YAML text)"],
  [
    "Latin-1",
    Buffer.from("question: what\nexpect: caf\xe9\n", "latin1"),
    "x.yaml:2:12 bytes that are not UTF-8 (expected YAML text in UTF-8)",
  ],
  ["large", `# ${"x".repeat(262_144)}`, "x.yaml:1:1 file too large: 262146 bytes (expected at most 262144)"],
  // YAML.
  ["tab", sampleWith({ 19: "\trevenueMultiple: 3" }), "x.yaml:19:1 tab in the indentation (expected spaces)"],
  [
    "open bracket",
    "a: [1, 2",
    "x.yaml:1:9 YAML syntax: flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  ["duplicate key", sampleWith({}, "horizon: 3 y"), "x.yaml:24:1 duplicate key: horizon"],
  ["documents", sampleWith({}, "---", "a: 1"), "x.yaml:24:1 more than one document (expected one scenario in a file)"],
  ["list", "# a\n- question", "x.yaml:2:1 not a scenario: a list (expected a map that opens with question)"],
  ["text", "question", "x.yaml:1:1 not a scenario: question (expected a map that opens with question)"],
  [
    "merge key",
    sampleWith({ 20: "  <<: { growth: 1 %/y }" }),
    "x.yaml:20:3 merge key: << (expected the keys themselves)",
  ],
  ["alias", sampleWith({ 3: "horizon: *long" }), "x.yaml:3:10 unknown alias: *long (expected an anchor &long above)"],
  ["map as key", sampleWith({ 3: "? { a: 1 }\n: 2" }), "x.yaml:3:3 key that is not plain text (expected a word)"],
  ["prototype", sampleWith({ 3: "__proto__: 3" }), "x.yaml:3:1 unknown key: __proto__"],
  ["tag", sampleWith({ 3: "horizon: !long 3 y" }), "x.yaml:3:10 unknown tag: !long (expected no tags)"],
  [
    "deep",
    `question: ${"[".repeat(70)}${"]".repeat(70)}`,
    "x.yaml:1:74 nested too deeply (expected at most 64 levels)",
  ],
  // Keys.
  ["unknown key", sampleWith({ 3: "hoziron: 2 y" }), "x.yaml:3:1 unknown key: hoziron (did you mean horizon?)"],
  [
    "unknown key inside",
    sampleWith({ 4: "seeds: { count: 5, from: 2 }" }),
    "x.yaml:4:20 unknown key: from (expected count, first)",
  ],
  [
    "missing key",
    sampleWith({ 5: "" }),
    "x.yaml:1:1 missing key: outlay (expected an amount of money with a unit, such as $3M)",
  ],
  [
    "missing key inside",
    sampleWith({ 15: "" }),
    "x.yaml:13:5 missing key: targetTokens (expected a count such as 1000, 70B or 1.4T)",
  ],
  [
    "missing choice",
    sampleWith({ 19: "" }),
    "x.yaml:18:1 missing key: spending (expected exactly one of spending, revenueMultiple and valueLaw)",
  ],
  [
    "default that contradicts",
    sampleWith({ 20: "markets: { ownership: constant-product, loans: { kind: collateral-loan, loanToValue: 0.8 } }" }),
    "x.yaml:20:41 below loanToValue: 0.77 (expected at least 0.8)",
  ],
  [
    "default too large",
    sampleWith({ 22: "  kind: proof-of-work", 23: "  halvingBlocks: 1000000000" }),
    "x.yaml:21:1 subsidy too large: left at its default (expected at most 2251799813685248 / halvingBlocks)",
  ],
  [
    "loans without a market",
    sampleWith({ 20: "markets: { loans: { kind: collateral-loan } }" }),
    "x.yaml:20:19 loans without a price to lend at (expected markets.ownership of kind constant-product)",
  ],
  [
    "missing value",
    sampleWith({ 17: "    hazard:" }),
    "x.yaml:17:5 missing value: hazard (expected a rate per year with a unit, such as 15 %/y)",
  ],
  ["missing kind", sampleWith({ 22: "  # none" }), `x.yaml:21:1 missing key: kind (expected ${mechanismKinds})`],
  // Values.
  ["number for text", sampleWith({ 1: "question: 5" }), "x.yaml:1:11 invalid question: 5 (expected text)"],
  [
    "text for number",
    sampleWith({ 23: '  earlyWeight: "2"' }),
    'x.yaml:23:16 invalid earlyWeight: "2" (expected a number)',
  ],
  ["map for list", sampleWith({}, "data: { a: 1 }"), "x.yaml:24:7 invalid data: a map (expected a list)"],
  ["fraction", sampleWith({ 4: "seeds: { count: 1.5 }" }), "x.yaml:4:17 invalid count: 1.5 (expected a whole number)"],
  [
    "no unit",
    sampleWith({ 3: "horizon: 2" }),
    "x.yaml:3:10 invalid horizon: 2 (expected a duration with a unit, such as 40 ms)",
  ],
  [
    "wrong unit",
    sampleWith({ 3: "horizon: 2 parsec" }),
    "x.yaml:3:10 invalid horizon: 2 parsec (expected a duration such as 40 ms; units: ns, us, ms, s, min, h, d, week, y)",
  ],
  [
    "near unit",
    sampleWith({ 20: "  growth: 20 %/yr" }),
    "x.yaml:20:11 invalid growth: 20 %/yr (expected a rate per year such as 15 %/y; units: %/y, /y, %/month, %/d, /d; did you mean 20 %/y?)",
  ],
  ["short", sampleWith({ 3: "horizon: 1 h" }), "x.yaml:3:10 horizon too small: 1 h (expected at least 1 d)"],
  ["long", sampleWith({ 3: "horizon: 31 y" }), "x.yaml:3:10 horizon too large: 31 y (expected at most 30 y)"],
  ["small", sampleWith({ 23: "  earlyWeight: -1" }), "x.yaml:23:16 earlyWeight too small: -1 (expected at least 0)"],
  ["empty text", sampleWith({ 1: 'question: ""' }), "x.yaml:1:11 empty question (expected text)"],
  [
    "no models",
    sampleWith({ 13: "  []", 14: "", 15: "", 16: "", 17: "" }),
    "x.yaml:13:3 too few models: 0 (expected at least 1)",
  ],
  ["infinity", sampleWith({ 23: "  earlyWeight: .inf" }), "x.yaml:23:16 not a finite number: .inf"],
  ["overflow", sampleWith({ 23: "  earlyWeight: 1e999" }), "x.yaml:23:16 not a finite number: 1e999"],
  ["not a number", sampleWith({ 23: "  earlyWeight: .nan" }), "x.yaml:23:16 not a finite number: .nan"],
  [
    "overflow with a unit",
    sampleWith({ 20: "  growth: 1e999 %/y" }),
    "x.yaml:20:11 invalid growth: 1e999 %/y (expected a finite number)",
  ],
  [
    "device",
    sampleWith({ 9: "    device: rtx-4900" }),
    "x.yaml:9:13 unknown device: rtx-4900 (did you mean rtx-4090?)",
  ],
  ["engine", sampleWith({}, "engine: hardware"), "x.yaml:24:9 unknown engine: hardware (expected simulation)"],
  [
    "kind",
    sampleWith({ 22: "  kind: protocol-model" }),
    `x.yaml:22:9 unknown mechanism: protocol-model (did you mean protocol-models?)`,
  ],
  [
    "key of another kind",
    sampleWith({ 22: "  kind: volunteer" }),
    "x.yaml:23:3 unknown key: earlyWeight (expected kind, halfLife, reimburse, term)",
  ],
  [
    "kind alone",
    sampleWith({}, "beliefs: rationl"),
    "x.yaml:24:10 unknown beliefs: rationl (expected adaptive, optimistic, rational; did you mean rational?)",
  ],
  [
    "no kind",
    sampleWith({}, "beliefs: 5"),
    "x.yaml:24:10 invalid beliefs: 5 (expected a kind: adaptive, optimistic, rational)",
  ],
  [
    "long scalar",
    sampleWith({ 3: `horizon: ${"x".repeat(10_000)}` }),
    `x.yaml:3:10 invalid horizon: ${"x".repeat(59)}… (expected a duration such as 40 ms; units: ns, us, ms, s, min, h, d, week, y)`,
  ],
  [
    "control characters in a value",
    sampleWith({ 9: '    device: "a\\u001b\\n"' }),
    "x.yaml:9:13 unknown device: a\\u{001B}\\n (expected a100-40gb, a100-80gb, b200, h100-sxm, h200, h800, l40s, mi300x or 8 others)",
  ],
  ["overflow of money", sampleWith({ 5: "outlay: $1e300T" }), "x.yaml:5:9 not a finite number: $1e300T"],
  [
    "kind that is a map",
    sampleWith({ 22: "  kind: { toString: 1 }" }),
    `x.yaml:22:9 unknown mechanism: a map (expected ${someKinds})`,
  ],
  // Contradictions.
  [
    "two markets",
    sampleWith({ 20: "  spending: $1M/y" }),
    "x.yaml:20:13 invalid spending: $1M/y (expected exactly one of spending, revenueMultiple and valueLaw)",
  ],
  ["same group", sampleWith({ 7: "  - group: labs" }), "x.yaml:11:14 duplicate group: labs"],
  [
    "designers of nothing",
    sampleWith({ 10: "    designerOf: open-9b" }),
    "x.yaml:10:17 unknown model: open-9b (expected open-8b)",
  ],
  [
    "small maximum",
    sampleWith({ 16: "    publicTokens: 2T\n    maximumTokens: 1B" }),
    "x.yaml:17:20 maximumTokens: smaller than targetTokens",
  ],
  [
    "contradiction beside an unknown key",
    sampleWith({ 3: "hoziron: 2 y", 7: "  - group: labs" }),
    "x.yaml:3:1 unknown key: hoziron (did you mean horizon?)",
    "x.yaml:11:14 duplicate group: labs",
  ],
  // Several at once, in order of position.
  [
    "several",
    sampleWith({ 3: "horizon: 2 yy", 9: "    device: 7", 23: "  earlyWeight: x" }, "sweeps: {}"),
    "x.yaml:3:10 invalid horizon: 2 yy (expected a duration such as 40 ms; units: ns, us, ms, s, min, h, d, week, y; did you mean 2 y?)",
    "x.yaml:9:13 unknown device: 7 (expected a100-40gb, a100-80gb, b200, h100-sxm, h200, h800, l40s, mi300x or 8 others)",
    'x.yaml:23:16 invalid earlyWeight: "x" (expected a number)',
    "x.yaml:24:1 unknown key: sweeps (did you mean sweep?)",
  ],
  // Sweeps.
  [
    "swept path",
    sampleWith({}, "sweep:", "  market.grwth: [1 %/y, 2 %/y]"),
    "x.yaml:25:3 unknown key: grwth under market (did you mean growth?)",
  ],
  [
    "swept path without values",
    sampleWith({}, "sweep:", "  market.grwth: []"),
    "x.yaml:25:3 unknown key: grwth under market (did you mean growth?)",
    "x.yaml:25:17 too few market.grwth: 0 (expected at least 1)",
  ],
  [
    "swept element",
    sampleWith({}, "sweep: { models.open-9b.hazard: [1 %/y] }"),
    "x.yaml:24:10 nothing of that name in models: open-9b (expected open-8b, *; did you mean open-8b?)",
  ],
  [
    "swept values",
    sampleWith({}, "sweep:", "  market.growth:", "    - 10 %/y", "    - 10 parsec", "    - 10 %/y"),
    "x.yaml:27:7 invalid growth: 10 parsec (expected a rate per year such as 15 %/y; units: %/y, /y, %/month, %/d, /d)",
    "x.yaml:28:7 duplicate value: 10 %/y",
  ],
  [
    "swept kinds",
    sampleWith(
      {},
      "sweep:",
      "  mechanism: [grnt, { kind: grant, aproval: 1 }, { kind: grant, label: b, approval: 2 }]",
    ),
    `x.yaml:25:15 unknown mechanism: grnt (did you mean grant?)`,
    "x.yaml:25:36 unknown key: aproval (expected approval, delay, term, dataShare, dataPrice, priceCeiling; did you mean approval?)",
    "x.yaml:25:85 invalid approval: 2 (expected a share between 0.001 and 1, such as 0.9 or 90 %)",
  ],
  [
    "swept contradiction",
    sampleWith({ 16: "    publicTokens: 2T\n    maximumTokens: 1T" }, "sweep:", "  models.0.targetTokens: [500B, 2T]"),
    "x.yaml:26:33 maximumTokens: smaller than targetTokens",
  ],
  [
    "swept experiment",
    sampleWith({}, "sweep:", "  seeds.count: [1, 2]"),
    "x.yaml:25:3 nothing to sweep: seeds (it changes no run)",
  ],
  [
    "swept key of another kind",
    sampleWith({}, "sweep:", "  mechanism: [grant, protocol-models]", "  mechanism.approval: [0.1, 0.2]"),
    "x.yaml:26:3 unknown key: approval under mechanism (expected kind, revenueShare, dataShare, earlyWeight, exclusive, settlement, matchOutlay, uptimeWorkPerHour or 1 other); sweep it with when: { mechanism: grant }",
  ],
  // Analyses.
  [
    "sensitivity",
    sampleWith(
      {},
      "sensitivity:",
      "  draws: 12",
      "  measure: compute",
      "  parameters:",
      "    market.growth: { low: 9 %/y, high: 5 %/y }",
      "    market.outsideAppeal: { low: -1, high: 1, scale: log }",
      "    market.grwth: { low: 1, high: 2 }",
      "    mechanism.earlyWeight: { low: -1, high: 2 }",
    ),
    "x.yaml:25:10 invalid draws: 12 (expected a power of two)",
    "x.yaml:28:40 high not above low: 5 %/y (expected more than 9 %/y)",
    "x.yaml:29:34 low too small: -1 (expected more than 0 on a log scale)",
    "x.yaml:30:5 unknown key: grwth under market (did you mean growth?)",
    "x.yaml:31:35 earlyWeight too small: -1 (expected at least 0)",
  ],
  [
    "frontier",
    sampleWith(
      {},
      "sweep: { mechanism: [grant, protocol-models] }",
      "frontier:",
      "  challenger: protocol-model",
      "  over: { path: market.growth, values: [10 %/y, 20 parsec] }",
      "  lines: { path: market.growht, values: [1] }",
      "  find: { path: mechanism.approval, low: 0.1, high: 2 }",
      "  measure: compute",
    ),
    "x.yaml:26:15 unknown arm: protocol-model (expected grant, protocol-models; did you mean protocol-models?)",
    "x.yaml:27:49 invalid growth: 20 parsec (expected a rate per year such as 15 %/y; units: %/y, /y, %/month, %/d, /d)",
    "x.yaml:28:18 unknown key: growht under market (did you mean growth?)",
    "x.yaml:29:53 invalid approval: 2 (expected a share between 0.001 and 1, such as 0.9 or 90 %)",
  ],
  [
    "measures that are not there",
    sampleWith({}, "measure: [loss, compue]"),
    "x.yaml:24:17 unknown measure: compue (did you mean compute?)",
  ],
  [
    "frontier of what is no number",
    sampleWith(
      {},
      "sweep: { mechanism: [grant, protocol-models] }",
      "frontier:",
      "  challenger: grant",
      "  over: { path: market.growth, values: [10 %/y] }",
      "  lines: { path: scalingLaw, values: [hoffmann-2022] }",
      "  find: { path: market.growth, low: -1 %/y, high: 1 %/y }",
      "  measure: compute",
    ),
    "x.yaml:28:39 not a number: hoffmann-2022 (expected a path to numbers)",
    "x.yaml:29:37 low too small: -1 %/y (expected more than 0 on a log scale)",
  ],
];

describe("faulty files", () => {
  it.each(cases)("%s", (_name, source, ...faults) => {
    expect(faultsOf(source)).toEqual(faults);
  });

  it("refuses alias bombs", () => {
    const bomb = ["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]"];
    for (const name of "bcdefghij") bomb.push(`${name}: &${name} [${"*x, ".replace("x", prior(name)).repeat(9)}]`);
    expect(faultsOf(bomb.join("\n"))).toContainEqual(
      expect.stringMatching(/^x\.yaml:\d+:\d+ too much behind aliases: \*/),
    );
    expect(faultsOf("a: &a [*a, *a]")).toContainEqual(expect.stringContaining("too much behind aliases: *a"));
  });

  it("reads small anchors and aliases", () => {
    const { resolved } = load(
      sampleWith({ 3: "horizon: &long 2 y" }, "training: { churnLoss: 0.1 }", "participation: { revision: *long }"),
    );
    expect(resolved.participation.revision).toBe(resolved.horizon);
  });

  it("takes deep brackets of any length", () => {
    expect(faultsOf("[".repeat(200_000))).toEqual(["x.yaml:1:65 nested too deeply (expected at most 64 levels)"]);
  });
});

const prior = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) - 1);
