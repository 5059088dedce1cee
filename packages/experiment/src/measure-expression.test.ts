import { parseRelation, referencesOf, typedDifference } from "@shardlab/scenario";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const units = new Map([
  ["compute", "ZFLOP"],
  ["loss", "nat/token"],
  ["outlay", "$"],
  ["revenue", "$"],
  ["gini", "1"],
  ["participation", "share"],
  ["time-to-target", "d"],
  ["payoff/lazy", "$"],
  ["loss/llama-3.1", "nat/token"],
]);
const values = new Map([
  ["compute", 3],
  ["loss", 2],
  ["outlay", 1000],
  ["revenue", 5000],
  ["gini", 0.5],
  ["participation", 0.25],
  ["time-to-target", 30],
  ["payoff/lazy", 7],
  ["loss/llama-3.1", 1.5],
]);

/** Left minus right, with the values above (those of arm `b` doubled). */
function difference(text: string): { value: number | undefined; unit: string } {
  const { left, right } = parseRelation(text);
  const { evaluate, unit } = typedDifference(left, right, units);
  const value = evaluate(({ arm, name }) => {
    const found = values.get(name);
    return found === undefined ? undefined : found * (arm === "b" ? 2 : 1);
  });
  return { value, unit };
}

describe("relations", () => {
  it.each([
    ["compute = 2", 1, "ZFLOP"],
    ["compute = 2 ZFLOP", 1, "ZFLOP"],
    ["2000 EFLOP = compute", -1000, "EFLOP"],
    ["compute <= 1e21 FLOP", 2, "ZFLOP"],
    ["revenue - outlay = $1k", 3000, "$"],
    ["revenue-outlay-x:gini = 0", 0.5, ""],
    ["revenue / outlay = 5", 0, ""],
    ["2 * outlay + 3 * outlay = revenue", 0, "$"],
    ["outlay + revenue / 2 * 4 = 0", 11_000, "$"],
    ["-(outlay - revenue) = $0", 4000, "$"],
    ["payoff/lazy = 7", 0, "$"],
    ["'loss/llama-3.1' = loss/llama-3.1", 0, "nat/token"],
    ["time-to-target >= 1 week", 23, "d"],
    ["participation = 20 %", 0.05, "share"],
    ["participation = 0.2", 0.05, "share"],
    ["loss = 1.5 nat/token", 0.5, "nat/token"],
    ["b:compute = a:compute", 3, "ZFLOP"],
    ['"b":"compute" = 1.5*compute', 1.5, "ZFLOP"],
    ["compute / time-to-target = 0.1 ZFLOP/d", 0, "ZFLOP/d"],
    ["compute / time-to-target = 100 EFLOP/d", 0, "ZFLOP/d"],
    ["outlay = $2/d * time-to-target", 940, "$"],
    ["gini = 1_0 / 20", 0, ""],
    ["outlay = 1 / 0", undefined, "$"],
    ["compute * time-to-target = 0", 3e21 * 30 * 86_400, "FLOP s"],
    ["gini / (outlay * outlay) = 0", 0.5e-6, "1/$^2"],
  ])("%s", (text, expected, unit) => {
    const found = difference(text);
    if (expected === undefined) expect(found.value).toBeUndefined();
    else expect(found.value).toBeCloseTo(expected, 9);
    expect(found.unit).toBe(unit);
  });

  it.each([
    ["compute", "column 8 of the expression: unexpected end (expected =, <= or >=)"],
    ["compute = ", "column 11 of the expression: unexpected end (expected a measure"],
    ["compute < 2", "column 9 of the expression: unexpected < (expected =, <= or >=)"],
    ["compute = (2", "column 13 of the expression: unexpected end (expected a closing parenthesis)"],
    ["compute = 2 = 3", "column 13 of the expression: unexpected ="],
    ["a: = 2", "column 4 of the expression: unexpected = (expected a measure of a)"],
    ["comptue = 2", "column 1 of the expression: unknown measure: comptue (did you mean compute?)"],
    ["revenue-outlay = 2", "column 1 of the expression: unknown measure: revenue-outlay (an operator needs a space"],
    ["compute = 2 ZFLPO", "column 11 of the expression: unknown unit: ZFLPO (did you mean ZFLOP?)"],
    ["compute = 2 d", "column 11 of the expression: units do not fit: ZFLOP and d"],
    ["compute + outlay = 2", "column 9 of the expression: units do not fit: ZFLOP and $"],
    ["compute = 3 % compute", "column 15 of the expression: unexpected compute"],
    [`${"(".repeat(200)}1`, "nested too deeply"],
    ["x".repeat(2000), "expression too long"],
  ])("%s is a fault with its column", (text, message) => {
    expect(() => difference(text)).toThrow(message);
  });

  it("name their measures and arms", () => {
    const { left, right } = parseRelation("'protocol-models, 3':compute / grant:loss/large = -gini");
    expect([...referencesOf(left), ...referencesOf(right)].map(({ arm, name }) => [arm, name])).toEqual([
      ["protocol-models, 3", "compute"],
      ["grant", "loss/large"],
      [undefined, "gini"],
    ]);
  });

  it("compute what JavaScript does, with the same precedence", () => {
    const number = fc.integer({ min: 1, max: 99 }).map(String);
    const expression = fc.letrec<{ sum: string }>((tie) => ({
      sum: fc.oneof(
        { maxDepth: 4 },
        number,
        fc.tuple(tie("sum"), fc.constantFrom("+", "-", "*", "/"), tie("sum")).map((parts) => parts.join(" ")),
        tie("sum").map((inner) => `(${inner})`),
        tie("sum").map((inner) => `-(${inner})`),
      ),
    })).sum;
    fc.assert(
      fc.property(expression, (text) => {
        const expected = Number(new Function(`return ${text}`)());
        fc.pre(Number.isFinite(expected));
        const { left, right } = parseRelation(`${text} = 0`);
        const value = typedDifference(left, right, units).evaluate(() => undefined);
        if (value !== undefined) expect(value).toBeCloseTo(expected, 6);
      }),
      { numRuns: 200 },
    );
  });
});
