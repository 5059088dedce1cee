/** What the frontier and the sensitivity analysis add to the answer, a sentence each. */
import type { ExperimentSummary, FrontierSummary } from "@shardlab/experiment";
import { meaningOf } from "./measure-meaning.ts";
import { formatQuantity } from "./number-format.ts";
import { pathLabel } from "./scenario-notation.ts";

export function analysisSentences(summary: ExperimentSummary): string[] {
  return [...frontierSentence(summary.frontier), ...sensitivitySentence(summary)];
}

/** `Across hazard and discount rate, protocol-models draws level with the best other arm at a revenue multiple of 1.5 to 3.3.` */
function frontierSentence(frontier: FrontierSummary | null): string[] {
  if (!frontier) return [];
  const { paths, lines, range } = frontier;
  const cells = lines.flatMap((line) => line.points.map(({ breakEven }) => breakEven));
  const values = cells.flatMap(({ value }) => (value === null ? [] : [value]));
  const never = cells.filter(({ state }) => state === "above range").length;
  const axes = `${pathLabel(paths.over)} and ${pathLabel(paths.lines)}`;
  const searched = pathLabel(paths.find);
  const bounds = `${formatQuantity(range[0], "")} to ${formatQuantity(range[1], "")}`;
  if (values.length === 0) {
    const where = never > 0 ? "not within" : "below all of";
    return [
      `Across ${axes}, ${paths.challenger} draws level with the best other arm ${where} the ${searched} of ${bounds} that was tried.`,
    ];
  }
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rest = never > 0 ? ` (in ${never} of ${cells.length} cells only beyond ${formatQuantity(range[1], "")})` : "";
  return [
    `Across ${axes}, ${paths.challenger} draws level with the best other arm at a ${searched} of ` +
      `${formatQuantity(low, "")} to ${formatQuantity(high, "")}${rest}.`,
  ];
}

/** `Compute gathered hinges most on revenue multiple (total Sobol' index 0.81, 0.35 to 1.26).` */
function sensitivitySentence({ sensitivity, challenger }: ExperimentSummary): string[] {
  const arm = sensitivity?.arms.find((candidate) => candidate.arm === challenger);
  const ranked = [...(arm?.indices ?? [])].sort((a, b) => b.total.value - a.total.value);
  const [first] = ranked;
  if (!sensitivity || !first) return [];
  const limits = first.total.ci95;
  const interval =
    limits === null ? "" : `, 95 % interval ${formatQuantity(limits[0], "")} to ${formatQuantity(limits[1], "")}`;
  return [
    `Its ${meaningOf(sensitivity.measure).label} hinges most on ${pathLabel(first.parameter)} ` +
      `(total Sobol' index ${formatQuantity(first.total.value, "")}${interval}).`,
  ];
}
