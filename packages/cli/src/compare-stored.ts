/** The steps of `shardlab compare`: find both sides, compare them, tell what was found. */
import type { ComparisonReport, ComparisonRow, StoredExperiment } from "@shardlab/experiment";
import { differenceFigure } from "./compare-figure.ts";
import type { CompareOptions } from "./compare-options.ts";
import { type ComparedSide, outcomeOf, type Sides } from "./compare-outcome.ts";
import { comparisonLines } from "./compare-text.ts";
import { type FigureFile, figureFile, writeFigure } from "./figure-file.ts";
import { InputError } from "./input-error.ts";
import { mainMeasures } from "./measure-meaning.ts";
import { formatAnswer } from "./query-format.ts";
import { type NamedSide, namedSide } from "./stored-sides.ts";
import type { Terminal } from "./terminal.ts";

/** Compares what `a` and `b` name, and prints it. */
export async function compareStored(
  a: string,
  b: string | undefined,
  options: CompareOptions,
  terminal: Terminal,
): Promise<void> {
  if (b === undefined && !options.allArms) {
    throw new InputError("one side alone (expected a second experiment or arm, or --all-arms)");
  }
  if (b !== undefined && options.allArms)
    throw new InputError(`--all-arms takes one experiment: ${a} and ${b} are two`);
  const figure = options.figure === undefined ? undefined : figureFile(options.figure);
  const leftSide = namedSide(a, options.out);
  const rightSide = b === undefined ? leftSide : namedSide(b, options.out, leftSide);
  const { allPairs, chooseArms, compareExperiments, matchArms, openExperiment } = await import("@shardlab/experiment");
  const left = await openExperiment(leftSide.directory);
  const right = rightSide.directory === leftSide.directory ? left : await openExperiment(rightSide.directory);
  const [ours, theirs] = [chooseArms(left, leftSide.selector), chooseArms(right, rightSide.selector)];
  const matched = options.allArms ? allPairs(ours) : matchArms(ours, theirs);
  const report = compareExperiments(left, right, matched, {
    correction: options.correction,
    measures: measuresOf(options.measure, left, right),
  });
  const sides = { left: told(left, leftSide), right: told(right, rightSide) };
  print(report, sides, options, terminal);
  await draw(report, sides, { options, figure, terminal });
  terminal.note(`next: shardlab report ${leftSide.directory}`);
}

const told = ({ name }: StoredExperiment, { directory, selector }: NamedSide): ComparedSide => ({
  experiment: name,
  arms: selector ?? "every arm",
  directory,
});

/** The measures asked for; unless asked, the main ones of those that the scenario shows. */
function measuresOf(
  asked: readonly string[] | undefined,
  left: StoredExperiment,
  right: StoredExperiment,
): readonly string[] {
  const all = [...new Set([...left.units.keys(), ...right.units.keys()])];
  if (asked?.includes("all")) return all;
  if (asked !== undefined) return [...new Set(asked)];
  return mainMeasures(left.design.measures ?? all);
}

function print(report: ComparisonReport, sides: Sides, options: CompareOptions, terminal: Terminal): void {
  if (options.format === "text") {
    for (const line of comparisonLines(report, sides, options.simultaneous ?? false)) terminal.print(line);
  } else if (options.format === "json") {
    const rows = report.rows.map((row) => ({ ...row, outcome: outcomeOf(row) }));
    terminal.print(JSON.stringify({ ...sides, ...report, rows }, null, 2));
  } else {
    const answer = { columns: Object.keys(columns), rows: report.rows.map((row) => cellsOf(row)) };
    for (const line of formatAnswer(answer, "csv")) terminal.print(line);
  }
}

/** Columns of the CSV. */
const columns: Readonly<Record<string, (row: ComparisonRow) => string | number | null>> = {
  measure: ({ measure }) => measure,
  unit: ({ unit }) => unit,
  left_arm: ({ leftArm }) => leftArm,
  right_arm: ({ rightArm }) => rightArm,
  method: ({ method }) => method,
  seeds_left: ({ seeds }) => seeds.left,
  seeds_right: ({ seeds }) => seeds.right,
  left: ({ left }) => left,
  right: ({ right }) => right,
  difference: ({ difference }) => difference,
  low: ({ ci95 }) => ci95?.[0] ?? null,
  high: ({ ci95 }) => ci95?.[1] ?? null,
  simultaneous_low: ({ simultaneous95 }) => simultaneous95?.[0] ?? null,
  simultaneous_high: ({ simultaneous95 }) => simultaneous95?.[1] ?? null,
  relative: ({ relative }) => relative,
  effect_kind: ({ effect }) => effect?.kind ?? null,
  effect: ({ effect }) => effect?.value ?? null,
  effect_low: ({ effect }) => effect?.ci95[0] ?? null,
  effect_high: ({ effect }) => effect?.ci95[1] ?? null,
  p: ({ pValue }) => pValue,
  p_adjusted: ({ adjustedP }) => adjustedP,
  p_relabelling: ({ relabellingP }) => relabellingP,
  mdd: ({ mdd }) => mdd,
  verdict: ({ verdict }) => verdict,
  outcome: outcomeOf,
};

const cellsOf = (row: ComparisonRow): (string | number | null)[] => Object.values(columns).map((cell) => cell(row));

interface Drawing {
  readonly options: CompareOptions;
  readonly figure: FigureFile | undefined;
  readonly terminal: Terminal;
}

async function draw(report: ComparisonReport, sides: Sides, { options, figure, terminal }: Drawing): Promise<void> {
  if (figure === undefined) return;
  await writeFigure(figure, differenceFigure(report, sides, options.simultaneous ?? false));
  terminal.note(`figure: ${figure.path}`);
}
