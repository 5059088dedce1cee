/**
 * Game files: payoffs that are written down and not measured. Entries are numbers, numbers with a standard error, or expressions
 * of parameters, as in
 *
 * ```yaml
 * parameters: { gain: 1, fine: 4 }
 * strategies: { row: [audit, trust], column: [cheat, work] }
 * payoffs:
 *   row: [[fine - 1, -1], [-gain, 0]]
 *   column: [[-fine, 0], [{ value: 1, error: 0.1 }, 0]]
 * ```
 */
import { alternatives, shown } from "@shardlab/contracts";
import { z } from "zod";
import { canonicalJson, hashOfFields } from "./canonical.ts";
import { type Fault, type Finding, type Path, sortFaults } from "./fault.ts";
import { locateOverridden, locator } from "./load.ts";
import { type Expression, ExpressionError, parseRelation } from "./measure-expression.ts";
import { applyOverrides } from "./override.ts";
import { isRecord } from "./schema-place.ts";
import { readText } from "./source-text.ts";
import { wordIssue } from "./wording.ts";
import { readYaml } from "./yaml-source.ts";

const entrySpec = z.union(
  [
    z.number(),
    z.string().min(1).max(500),
    z.strictObject({
      value: z.union([z.number(), z.string().min(1).max(500)], { error: "expected a number or an expression" }),
      error: z.number().min(0).describe("standard error"),
    }),
  ],
  {
    error: (issue) =>
      issue.input === undefined ? undefined : "expected a number, an expression or { value: 1, error: 0.1 }",
  },
);

const mostStrategies = 200;
const matrixSpec = z.array(z.array(entrySpec).min(1).max(mostStrategies)).min(1).max(mostStrategies);
const namesSpec = z.array(z.string().min(1).max(60)).min(1).max(mostStrategies);
const ofRoles = <T extends z.ZodType>(inner: T) => z.strictObject({ row: inner, column: inner });

export const gameFileSpec = z
  .strictObject({
    question: z.string().min(1).max(2000).describe("what the game is to answer"),
    expect: z.string().min(1).max(2000).describe("what is expected, and why"),
    reference: z.string().min(1).max(2000).optional(),
    unit: z.string().max(40).default("").describe("of the payoffs"),
    parameters: z.record(z.string(), z.number()).default({}).describe("names that payoffs may use"),
    strategies: z.union([namesSpec, ofRoles(namesSpec)], {
      error: (issue) =>
        issue.input === undefined ? undefined : "expected a list of names or { row: [...], column: [...] }",
    }),
    roles: ofRoles(z.string().min(1).max(60))
      .prefault({ row: "row", column: "column" })
      .describe("what the roles are called"),
    payoffs: z
      .union([matrixSpec, ofRoles(matrixSpec)], {
        error: (issue) =>
          issue.input === undefined ? undefined : "expected a list of rows or { row: [...], column: [...] }",
      })
      .describe(
        "row i, column j: what i earns against j; for two roles one matrix each, its rows those of the row role",
      ),
    draws: z.number().int().min(100).max(100_000).default(1000).describe("payoff tables within the errors"),
    starts: z.number().int().min(10).max(10_000).default(400).describe("starting points for the basins of attraction"),
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1).describe("of draws and starting points"),
  })
  .describe("ShardLab game");

/** A table of payoffs, row by row, and the standard error of each. */
export interface PayoffTable {
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

interface GameHead {
  readonly name: string;
  readonly hash: string;
  readonly question: string;
  readonly expect: string;
  readonly reference?: string;
  readonly unit: string;
  readonly draws: number;
  readonly starts: number;
  readonly seed: number;
}

/** A game whose payoffs are known. */
export type GameFile = GameHead &
  (
    | { readonly kind: "symmetric"; readonly strategies: readonly string[]; readonly payoffs: PayoffTable }
    | {
        readonly kind: "roles";
        readonly roles: { readonly row: string; readonly column: string };
        readonly strategies: { readonly row: readonly string[]; readonly column: readonly string[] };
        readonly payoffs: { readonly row: PayoffTable; readonly column: PayoffTable };
      }
  );

export type GameFileResult =
  | { readonly ok: true; readonly game: GameFile }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Keys of a game file that no scenario has. */
const ownKeys = ["payoffs", "strategies", "roles", "parameters"] as const;

/**
 * Whether a file says its payoffs itself; one that does not is a scenario. A game file with a misspelt key is one still. False
 * for what cannot be read.
 */
export function isGameFile(source: string | Uint8Array): boolean {
  const read = readText(source);
  if ("fault" in read) return false;
  const { document } = readYaml(read.text);
  return isRecord(document) && ownKeys.some((key) => Object.hasOwn(document, key));
}

/** Loads a game file; whatever is wrong comes back as faults. `overrides` are `PATH=VALUE` each, as for scenarios. */
export function loadGameFile(
  source: string | Uint8Array,
  { file, overrides = [] }: { readonly file: string; readonly overrides?: readonly string[] },
): GameFileResult {
  const read = readText(source);
  if ("fault" in read) return { ok: false, faults: [read.fault] };
  const yaml = readYaml(read.text);
  if (yaml.document === undefined) return { ok: false, faults: sortFaults(yaml.faults) };
  const override = applyOverrides(yaml.document, overrides, gameFileSpec);
  const root = { schema: gameFileSpec, value: override.document };
  const parsed = gameFileSpec.safeParse(override.document);
  const sound = parsed.success
    ? readGame(parsed.data)
    : { findings: parsed.error.issues.flatMap((issue) => wordIssue(issue, root)) };
  const locate = locator(read.text, yaml.places);
  const isRefused = ({ path }: Finding): boolean =>
    yaml.refused.some((refused) => refused.every((segment, depth) => path[depth] === segment));
  const located = sound.findings
    .filter((finding) => !isRefused(finding))
    .map((finding) => locateOverridden(finding, override.overridden) ?? locate(finding));
  const faults = sortFaults([...yaml.faults, ...override.faults, ...located]);
  if (faults.length > 0 || !("game" in sound) || !parsed.success) return { ok: false, faults };
  const { question, expect, reference, unit, draws, starts, seed, ...content } = parsed.data;
  const name = file.replace(/^.*[\\/]/, "").replace(/\.ya?ml$/, "");
  const hash = hashOfFields(
    Object.entries({ ...content, draws, starts, seed }).map(([key, value]) => [key, canonicalJson(value)]),
  );
  const head = {
    name,
    hash,
    question,
    expect,
    ...(reference !== undefined && { reference }),
    unit,
    draws,
    starts,
    seed,
  };
  return { ok: true, game: { ...head, ...sound.game } };
}

type Content = z.output<typeof gameFileSpec>;
type Matrix = z.output<typeof matrixSpec>;
type GameBody = GameFile extends infer G ? (G extends GameHead ? Omit<G, keyof GameHead> : never) : never;
type ReadGame = { readonly findings: readonly Finding[] } | { readonly findings: readonly []; readonly game: GameBody };

/** The tables, or what is wrong with them: sizes, names that are there twice, and expressions. */
function readGame({ strategies, payoffs, parameters, roles }: Content): ReadGame {
  const findings: Finding[] = [];
  const table = (matrix: Matrix, at: Path, shape: Shape): PayoffTable =>
    readTable(matrix, { at, shape, parameters, findings });
  findings.push(...duplicates(strategies));
  if (Array.isArray(strategies) !== Array.isArray(payoffs)) {
    const wanted = Array.isArray(strategies)
      ? "a list of rows, as strategies is a list"
      : "row and column, as strategies has";
    return {
      findings: [
        ...findings,
        { path: ["payoffs"], at: "value", message: `payoffs of another form (expected ${wanted})` },
      ],
    };
  }
  if (Array.isArray(strategies)) {
    const size = strategies.length;
    const values = table(payoffs as Matrix, ["payoffs"], { rows: size, columns: size });
    return findings.length > 0
      ? { findings }
      : { findings: [], game: { kind: "symmetric", strategies, payoffs: values } };
  }
  const shape = { rows: strategies.row.length, columns: strategies.column.length };
  const { row, column } = payoffs as { row: Matrix; column: Matrix };
  const tables = {
    row: table(row, ["payoffs", "row"], shape),
    column: table(column, ["payoffs", "column"], shape),
  };
  return findings.length > 0
    ? { findings }
    : { findings: [], game: { kind: "roles", roles, strategies, payoffs: tables } };
}

function duplicates(strategies: Content["strategies"]): Finding[] {
  const lists: [Path, readonly string[]][] = Array.isArray(strategies)
    ? [[["strategies"], strategies]]
    : (["row", "column"] as const).map((role) => [["strategies", role], strategies[role]]);
  return lists.flatMap(([path, names]) =>
    names.flatMap((name, index): Finding[] =>
      names.indexOf(name) < index
        ? [{ path: [...path, index], at: "value", message: `duplicate strategy: ${shown(name)}` }]
        : [],
    ),
  );
}

interface Shape {
  readonly rows: number;
  readonly columns: number;
}

interface TablePlace {
  readonly at: Path;
  readonly shape: Shape;
  readonly parameters: Readonly<Record<string, number>>;
  readonly findings: Finding[];
}

function readTable(matrix: Matrix, { at, shape, parameters, findings }: TablePlace): PayoffTable {
  const values = new Float64Array(shape.rows * shape.columns);
  const errors = new Float64Array(values.length);
  const refuse = (path: Path, message: string): void => void findings.push({ path, at: "value", message });
  const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
  if (matrix.length !== shape.rows)
    refuse(at, `${plural(matrix.length, "row")} of payoffs (expected ${shape.rows}, one for each strategy)`);
  for (const [i, row] of matrix.slice(0, shape.rows).entries()) {
    if (row.length !== shape.columns)
      refuse([...at, i], `${plural(row.length, "payoff")} in a row (expected ${shape.columns}, one for each strategy)`);
    for (const [j, entry] of row.slice(0, shape.columns).entries()) {
      const isMeasured = typeof entry === "object";
      const path = [...at, i, j, ...(isMeasured ? ["value"] : [])];
      try {
        values[i * shape.columns + j] = entryValue(isMeasured ? entry.value : entry, parameters);
        errors[i * shape.columns + j] = isMeasured ? entry.error : 0;
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        refuse(path, error.message.replace("unexpected =", "unexpected end"));
      }
    }
  }
  return { values, errors };
}

/** @throws ExpressionError */
function entryValue(entry: number | string, parameters: Readonly<Record<string, number>>): number {
  if (typeof entry === "string" && entry.includes("="))
    throw new ExpressionError(
      `not an expression: ${shown(entry)} (expected numbers, parameters, + - * / and parentheses)`,
    );
  const value = typeof entry === "number" ? entry : evaluated(parseRelation(`${entry} = 0`).left, parameters);
  if (Number.isFinite(value)) return value;
  throw new ExpressionError(`not a finite number: ${shown(entry)}`);
}

function evaluated(expression: Expression, parameters: Readonly<Record<string, number>>): number {
  switch (expression.kind) {
    case "number":
      if (expression.unit === undefined) return expression.value;
      throw new ExpressionError(`number with a unit: ${expression.unit} (expected a plain number)`);
    case "negative":
      return -evaluated(expression.inner, parameters);
    case "measure": {
      const { name } = expression;
      if (Object.hasOwn(parameters, name)) return parameters[name] as number;
      throw new ExpressionError(`unknown parameter: ${shown(name)}${alternatives(name, Object.keys(parameters))}`);
    }
    case "binary": {
      const [a, b] = [evaluated(expression.left, parameters), evaluated(expression.right, parameters)];
      if (expression.operator === "+") return a + b;
      if (expression.operator === "-") return a - b;
      return expression.operator === "*" ? a * b : a / b;
    }
  }
}
