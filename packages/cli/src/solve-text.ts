/** The answer of a search, as text for a terminal. */
import type { Solution } from "@shardlab/experiment";
import { formatQuantity, formatRange } from "./number-format.ts";
import { type Notation, pathLabel } from "./scenario-notation.ts";

const endings: Readonly<Record<Solution["ended"], string>> = {
  "target met": "the interval is as narrow as was asked",
  "seeds used": "every seed allowed is used (more with --seeds)",
  "evaluations used": "the runs allowed are used (more with --max-runs)",
  "no root": "there is nothing to narrow down",
};

const relationSign = /<=|>=|=/;

/** Left minus right at one end of what was tried. */
function endText({ points, unit }: Solution, index: number, notation: Notation): string {
  const known = points.filter(({ estimate }) => estimate !== null);
  const point = known.at(index);
  if (!point?.estimate) return "no value";
  const { mean, ci95 } = point.estimate;
  const interval = ci95 === null ? "" : ` (95 % interval ${formatRange(ci95[0], ci95[1], unit)})`;
  return `${formatQuantity(mean, unit)}${interval} at ${notation.write(point.x)}`;
}

function intervalText({ ci95, question }: Solution, { write }: Notation): string {
  const [low, high] = ci95;
  if (low !== null && high !== null) return `95 % interval ${write(low)} to ${write(high)}`;
  if (low !== null) return `95 % interval from ${write(low)}, open above: it reaches beyond ${write(question.high)}`;
  if (high !== null) return `95 % interval up to ${write(high)}, open below: it reaches beyond ${write(question.low)}`;
  return `no interval: it reaches beyond ${write(question.low)} and ${write(question.high)}, or one seed allows none`;
}

/** What holds on which side of the root. */
function sideText({ question, satisfiedBelow, value }: Solution, { write }: Notation): string {
  const sign = relationSign.exec(question.relation)?.[0];
  const at = write(value ?? Number.NaN);
  if (sign === "=")
    return `left is ${satisfiedBelow ? "less than right below it, and more above" : "more than right below it, and less above"}`;
  if (question.isInteger)
    return `${at} is the ${satisfiedBelow ? "largest" : "smallest"} whole value at which it holds`;
  return `it holds ${satisfiedBelow ? "below" : "above"} ${at}`;
}

function foundLines(solution: Solution, notation: Notation): string[] {
  const { question, value, isJump, slope, residual, unit } = solution;
  const name = pathLabel(question.path);
  const perUnit =
    notation.unit === "" ? "1" : notation.unit.startsWith("$") ? `$1${notation.unit.slice(1)}` : `1 ${notation.unit}`;
  // The slope is per unit of SI; a step of one unit as it is written is 1 / scale(1) of those.
  const slopeAsWritten = slope === null ? null : slope / notation.scale(1);
  return [
    `${name} = ${notation.write(value ?? Number.NaN)} (${intervalText(solution, notation)})`,
    sideText(solution, notation),
    isJump
      ? "left minus right jumps over zero there: the two never meet"
      : `slope: ${slopeAsWritten === null ? "-" : formatQuantity(slopeAsWritten, unit)} per ${perUnit} of ${name}`,
    `left minus right there: ${residual === null ? "-" : formatQuantity(residual.mean, unit)}`,
  ];
}

/** Where the noise of the seeds could hide a crossing. */
function undecidedLines({ points }: Solution): string[] {
  const undecided = points.filter(
    ({ estimate }) => estimate !== null && (estimate.ci95 === null || (estimate.ci95[0] <= 0 && estimate.ci95[1] >= 0)),
  ).length;
  if (undecided === 0) return [];
  return [
    `at ${undecided} of ${points.length} values the interval holds zero, so that noise may hide a crossing there`,
  ];
}

function unfoundLines(solution: Solution, notation: Notation): string[] {
  const { state, crossings } = solution;
  const ends = [`left minus right is ${endText(solution, 0, notation)}`, `and ${endText(solution, -1, notation)}`];
  if (state === "no value") return ["no answer: a measure has no finite value at nearly every value tried"];
  if (state === "none") return ["no crossing in the range", ...ends, ...undecidedLines(solution)];
  const brackets = crossings.map(
    ({ low, high, isShown }) =>
      `  between ${notation.write(low)} and ${notation.write(high)}${isShown ? "" : " (within the noise of the seeds)"}`,
  );
  return ["several crossings: left minus right is not monotone, so that no one value answers", ...brackets, ...ends];
}

/** The whole answer, line by line. */
export function solutionLines(solution: Solution, notation: Notation): string[] {
  const { question, seeds, runs, ended } = solution;
  return [
    `${question.relation}, over ${question.path} from ${notation.write(question.low)} to ${notation.write(question.high)}`,
    "",
    ...(solution.state === "found" ? foundLines(solution, notation) : unfoundLines(solution, notation)),
    "",
    `${seeds} seeds, the same at every value; ${runs.total} runs at ${solution.points.length} values, of which ${runs.cached} were stored; ${endings[ended]}`,
  ];
}
