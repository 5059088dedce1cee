/** The answer of an experiment of the swarm: what each arm reached, and how well its simulation foretold the hardware. */
import type { ExperimentSummary, MeasureEstimate, PointSummary } from "@shardlab/experiment";
import { enginePairs } from "./engine-pairs.ts";
import { formatQuantity, formatRange } from "./number-format.ts";

/** What is told of each arm, in order. */
const told: readonly (readonly [measure: string, words: (value: string) => string])[] = [
  ["loss", (value) => `loss ${value}`],
  ["held-out-loss", (value) => `held-out loss ${value}`],
  ["seconds-per-update", (value) => `${value} per update`],
  ["tokens-per-second", (value) => `${value}`],
  ["bytes", (value) => `${value} sent`],
  ["utilisation", (value) => `devices busy ${value} of the time`],
];

/** Whether an experiment trained models in shards, by what its runs measured. */
export const isOfSwarm = ({ points }: ExperimentSummary): boolean =>
  points.some(
    ({ measures }) => Object.hasOwn(measures, "seconds-per-update") || Object.hasOwn(measures, "utilisation"),
  );

/** `2.31 nat/token (95 % interval 2.28 to 2.34)`. */
function withInterval({ mean, ci95, unit }: MeasureEstimate): string {
  const value = formatQuantity(mean, unit);
  return ci95 === null ? value : `${value} (95 % interval ${formatRange(ci95[0], ci95[1], unit)})`;
}

/** `With hardware: loss …, 0.9 s per update, …`; undefined for an arm without runs. */
function armSentence({ arm, measures }: PointSummary): string | undefined {
  const parts = told.flatMap(([measure, words]) => {
    const estimate = measures[measure];
    return estimate === undefined || Number.isNaN(estimate.mean) ? [] : [words(withInterval(estimate))];
  });
  if (parts.length === 0) return undefined;
  return `${arm === "" ? "The swarm" : `With ${arm}`}: ${parts.join(", ")}.`;
}

/** `Its simulation foretold 0.84 s per update, 7 % less than the hardware took.` */
function pairSentences({ points }: ExperimentSummary): string[] {
  return enginePairs(points).flatMap(({ label, hardware, simulation }) => {
    const [measured, foretold] = [hardware, simulation].map(({ measures }) => measures["seconds-per-update"]?.mean);
    if (measured === undefined || foretold === undefined || !(measured > 0)) return [];
    const difference = foretold / measured - 1;
    const words = difference < 0 ? "less" : "more";
    const where = label === "" ? "" : ` (${label})`;
    const share = formatQuantity(Math.abs(difference), "share");
    return [
      `The simulation foretold ${formatQuantity(foretold, "s")} per update${where}, ${share} ${words} than the hardware took.`,
    ];
  });
}

/** One sentence for each arm, and one for each pair of engines. */
export function swarmSentence(summary: ExperimentSummary): string {
  const arms = summary.points.flatMap((point) => armSentence(point) ?? []);
  if (arms.length === 0) return "No run has finished.";
  return [...arms, ...pairSentences(summary)].join(" ");
}
