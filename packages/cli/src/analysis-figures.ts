/** Figures and findings of the sensitivity analysis and of the break-even frontier. */
import type { ExperimentSummary, FrontierSummary } from "@shardlab/experiment";
import type { Finding, FrontierPoint, ReportFigure, SobolRow } from "@shardlab/report";
import { capitalized } from "./answer.ts";
import { meaningOf } from "./measure-meaning.ts";
import { formatQuantity, formatRange } from "./number-format.ts";
import { type Notation, notationAt, pathLabel } from "./scenario-notation.ts";

/** The share of the variance that each parameter accounts for: of the challenger, or of the only arm. */
export function sensitivityFigures({ sensitivity, challenger }: ExperimentSummary): ReportFigure[] {
  const arms = sensitivity?.arms ?? [];
  const arm = arms.find((candidate) => candidate.arm === challenger) ?? arms[0];
  if (!sensitivity || !arm?.indices) return [];
  const output = meaningOf(sensitivity.measure).label;
  const interval = ({ value, ci95 }: { value: number; ci95: readonly [number, number] | null }) => {
    const [low, high] = ci95 ?? [value, value];
    return { mean: value, low, high };
  };
  const rows = arm.indices.map(
    ({ parameter, first, total }): SobolRow => ({
      parameter: pathLabel(parameter),
      first: interval(first),
      total: interval(total),
    }),
  );
  const data = { title: `What moves ${output} with ${arm.arm}`, output, runs: arm.runs, rows };
  const caption =
    "Which parameters decide the outcome: the longer the bar, the more of the variance goes with that parameter.";
  return [{ id: "sensitivity", caption, spec: { kind: "sobol", data } }];
}

/** How often the challenger is ahead when the parameters themselves are drawn from their ranges. */
export function parameterFindings({ sensitivity, challenger }: ExperimentSummary): Finding[] {
  if (!sensitivity || sensitivity.differences.length === 0) return [];
  const { label, better } = meaningOf(sensitivity.measure);
  const parts = sensitivity.differences.map(({ against, difference: { median, range95, shareAbove, draws } }) => {
    const ahead = better === "lower" ? 1 - shareAbove : shareAbove;
    const range =
      range95 === null ? "" : `, 95 % of the draws within ${formatRange(range95[0], range95[1], sensitivity.unit)}`;
    const middle = formatQuantity(median, sensitivity.unit);
    return `ahead of ${against} in ${formatQuantity(ahead, "share")} of ${draws} draws (median difference ${middle}${range})`;
  });
  const text = `In ${label}, ${challenger} is ${parts.join("; ")}. Parameters are drawn together from the ranges of the scenario.`;
  const items = sensitivity.arms.flatMap(({ arm, intervals }) => {
    const interval = intervals[sensitivity.measure];
    if (!interval) return [];
    const { median, range95, draws } = interval;
    const range =
      range95 === null
        ? ""
        : `, 95 % of ${draws} draws within ${formatRange(range95[0], range95[1], sensitivity.unit)}`;
    return [
      `${capitalized(label)} with ${arm} over the parameters: median ${formatQuantity(median, sensitivity.unit)}${range}.`,
    ];
  });
  return [{ heading: "When the parameters are uncertain too", text, items }];
}

/** How scenario files write the three parameters of a frontier. */
interface FrontierNotation {
  readonly over: Notation;
  readonly lines: Notation;
  readonly find: Notation;
}

/**
 * Where the challenger overtakes the best other arm.
 *
 * @param schema the JSON Schema of scenario files, for the units of the axes.
 */
export function frontierFigures({ frontier }: ExperimentSummary, schema: object): ReportFigure[] {
  if (!frontier) return [];
  const { paths, lines } = frontier;
  const notation: FrontierNotation = {
    over: notationAt(schema, paths.over),
    lines: notationAt(schema, paths.lines),
    find: notationAt(schema, paths.find),
  };
  const points = lines.flatMap((line) => line.points);
  const winsAbove = points.filter(({ breakEven }) => breakEven.winsAbove).length * 2 >= points.length;
  const [ahead, behind] = [`${paths.challenger} ahead`, "another arm ahead"];
  const data = {
    title: `Where ${paths.challenger} overtakes the best other arm`,
    subtitle: `Break-even in ${meaningOf(paths.measure).label}; bars are 95 % intervals over seeds.`,
    xLabel: capitalized(pathLabel(paths.over)),
    xUnit: notation.over.unit,
    yLabel: capitalized(pathLabel(paths.find)),
    yUnit: notation.find.unit,
    regions: winsAbove ? { above: ahead, below: behind } : { above: behind, below: ahead },
    lines: lines.map((line) => ({
      label: `${pathLabel(paths.lines)} ${notation.lines.write(line.value)}`,
      points: line.points.flatMap((point) => frontierPoint(point, frontier, notation)),
    })),
  };
  const caption = `The ${pathLabel(paths.find)} at which ${paths.challenger} draws level with the best other arm, over ${pathLabel(paths.over)}.`;
  return [{ id: "frontier", caption, spec: { kind: "frontier", data } }];
}

type FrontierLinePoint = FrontierSummary["lines"][number]["points"][number];

/** Nothing where too few runs are stored. */
function frontierPoint(
  { over, breakEven }: FrontierLinePoint,
  { range }: FrontierSummary,
  notation: FrontierNotation,
): FrontierPoint[] {
  const { state, value, ci95 } = breakEven;
  const x = notation.over.scale(over);
  if (state === "below range") return [{ x, y: notation.find.scale(range[0]), beyond: "below" }];
  if (state === "above range") return [{ x, y: notation.find.scale(range[1]), beyond: "above" }];
  if (value === null) return [];
  const [low, high] = ci95;
  const limits = {
    ...(low !== null && { low: notation.find.scale(low) }),
    ...(high !== null && { high: notation.find.scale(high) }),
  };
  return [{ x, y: notation.find.scale(value), ...limits }];
}
