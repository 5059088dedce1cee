import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatFault } from "./fault.ts";
import { isGameFile, loadGameFile } from "./game-file.ts";

const inspection = readFileSync(new URL("../../../scenarios/games/inspection.yaml", import.meta.url), "utf8");

const load = (text: string, ...overrides: string[]) => {
  const result = loadGameFile(text, { file: "x/choice.yaml", overrides });
  if (!result.ok) throw new Error(result.faults.map((fault) => formatFault("choice.yaml", fault)).join("\n"));
  return result.game;
};

const faultsOf = (text: string, ...overrides: string[]): string[] => {
  const result = loadGameFile(text, { file: "choice.yaml", overrides });
  return result.ok ? [] : result.faults.map((fault) => formatFault("choice.yaml", fault));
};

const head = "question: Which?\nexpect: One.\n";

describe("a game file", () => {
  test("has payoffs of two roles, from its parameters", () => {
    const game = load(inspection);
    expect(game).toMatchObject({ kind: "roles", name: "choice", roles: { row: "verifier", column: "provider" } });
    if (game.kind !== "roles") throw new Error("not of two roles");
    expect([...game.payoffs.row.values]).toEqual([3.6, -0.4, -2, 0]);
    expect([...game.payoffs.column.values]).toEqual([-4, 0, 1, 0]);
    expect([...game.payoffs.row.errors]).toEqual([0, 0, 0, 0]);
  });

  test("takes other parameters by --set, which changes its hash", () => {
    const game = load(inspection, "parameters.fine=9", "parameters.gain=0.5");
    if (game.kind !== "roles") throw new Error("not of two roles");
    expect([...game.payoffs.column.values]).toEqual([-9, 0, 0.5, 0]);
    expect(game.hash).not.toBe(load(inspection).hash);
    expect(load(inspection.replace("How often must", "Must")).hash).toBe(load(inspection).hash);
  });

  test("has standard errors, sums, products and parentheses", () => {
    const game = load(
      `${head}parameters: { a: 2, b-c: 3 }\nstrategies: [x, y]\npayoffs:\n  - [{ value: 1, error: 0.1 }, "a * (b-c - 1)"]\n  - [-a / 4, { value: a, error: 0 }]\n`,
    );
    if (game.kind !== "symmetric") throw new Error("not symmetric");
    expect([...game.payoffs.values]).toEqual([1, 4, -0.5, 2]);
    expect([...game.payoffs.errors]).toEqual([0.1, 0, 0, 0]);
  });

  test("is told from a scenario by its payoffs", () => {
    expect(isGameFile(inspection)).toBe(true);
    expect(isGameFile(`${head}outlay: $3M\n`)).toBe(false);
    expect(isGameFile("a: [")).toBe(false);
    expect(isGameFile(inspection.replace("payoffs:", "payofs:"))).toBe(true);
  });
});

describe("what is wrong with a game file is told with its place", () => {
  const cases: [string, string, string[]][] = [
    [
      "a parameter that there is none of",
      `${head}parameters: { fine: 1 }\nstrategies: [x]\npayoffs: [[fin]]\n`,
      ["choice.yaml:5:12 unknown parameter: fin (expected fine; did you mean fine?)"],
    ],
    [
      "rows and columns",
      `${head}strategies: [x, y]\npayoffs:\n  - [1, 2, 3]\n`,
      [
        "choice.yaml:5:3 1 row of payoffs (expected 2, one for each strategy)",
        "choice.yaml:5:5 3 payoffs in a row (expected 2, one for each strategy)",
      ],
    ],
    [
      "a misspelt key",
      `${head}strategys: [x]\nstrategies: [x]\npayoffs: [[1]]\n`,
      ["choice.yaml:3:1 unknown key: strategys"],
    ],
    [
      "a strategy twice",
      `${head}strategies: [x, x]\npayoffs: [[1, 2], [3, 4]]\n`,
      ["choice.yaml:3:17 duplicate strategy: x"],
    ],
    [
      "payoffs of one role for strategies of two",
      `${head}strategies: { row: [x], column: [y] }\npayoffs: [[1]]\n`,
      ["choice.yaml:4:10 payoffs of another form (expected row and column, as strategies has)"],
    ],
    [
      "an expression that ends early",
      `${head}strategies: [x]\npayoffs: [["1 +"]]\n`,
      ["choice.yaml:4:12 column 5 of the expression: unexpected end"],
    ],
    ["a relation", `${head}strategies: [x]\npayoffs: [["1 = 2"]]\n`, ["choice.yaml:4:12 not an expression: 1 = 2"]],
    ["a unit", `${head}strategies: [x]\npayoffs: [["1 kW"]]\n`, ["choice.yaml:4:12 number with a unit: kW"]],
    ["division by zero", `${head}strategies: [x]\npayoffs: [["1 / 0"]]\n`, ["choice.yaml:4:12 not a finite number"]],
    [
      "a value that is no number",
      `${head}strategies: [x]\npayoffs: [[true]]\n`,
      ["choice.yaml:4:12 invalid payoffs.0.0: true (expected a number, an expression or"],
    ],
    ["no question", "expect: One.\nstrategies: [x]\npayoffs: [[1]]\n", ["choice.yaml:1:1 missing key: question"]],
    ["nothing", "", ["choice.yaml:1:1 empty file"]],
  ];
  test.each(cases)("%s", (_, text, expected) => {
    const faults = faultsOf(text);
    expect(faults).toHaveLength(expected.length);
    for (const [index, start] of expected.entries()) expect(faults[index]).toContain(start);
  });

  test("an override that selects nothing", () => {
    expect(faultsOf(inspection, "roles.rows=x")[0]).toContain("--set roles.rows: unknown key: rows");
  });
});
