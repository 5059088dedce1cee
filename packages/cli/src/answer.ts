/** The answer in one sentence, and the findings beside it, from results alone. */
import type { ExperimentSummary, MeasureEstimate } from "@shardlab/experiment";
import type { Answer, Finding } from "@shardlab/report";
import { analysisSentences } from "./answer-analyses.ts";
import { isOfSwarm, swarmSentence } from "./answer-swarm.ts";
import { mainMeasures, meaningOf } from "./measure-meaning.ts";
import { formatQuantity, formatRange } from "./number-format.ts";
import { judge, type Outcome, type Verdict } from "./verdicts.ts";

/** `a`, `a and b`, `a, b and c`. */
export function enumerate(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

/** `2.1 ZFLOP (95 % interval 1.9 to 2.3)`. */
function withInterval({ mean, ci95, unit }: MeasureEstimate): string {
  const value = formatQuantity(mean, unit);
  if (ci95 === null) return `${value} (one seed, so without an interval)`;
  return `${value} (95 % interval ${formatRange(ci95[0], ci95[1], unit)})`;
}

/** `grant (1.2 ZFLOP; difference 0.9 ZFLOP, 0.7 to 1.1 ZFLOP)`. */
function against({ against, other, unit, difference }: Verdict): string {
  const limits = difference.ci95;
  const interval = limits === null ? "" : `, ${formatRange(limits[0], limits[1], unit)}`;
  return `${against} (${formatQuantity(other, unit)}; difference ${formatQuantity(difference.mean, unit)}${interval})`;
}

const relation = (verdict: Verdict): string => {
  if (verdict.outcome === "level") return "not distinguishable from";
  if (verdict.outcome === "unknown") return "beside, with too few seeds to compare,";
  return verdict.difference.verdict === "higher" ? "more than with" : "less than with";
};

const byRelation = (verdicts: readonly Verdict[]): string[] =>
  [...new Set(verdicts.map(relation))].map(
    (words) => `${words} ${enumerate(verdicts.filter((verdict) => relation(verdict) === words).map(against))}`,
  );

/** `text` with its first letter as a capital. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The sentence when nothing is singled out: each arm with its interval. */
function plainSentence({ points }: ExperimentSummary, measure: string): string {
  const parts = points.flatMap(({ arm, measures }) => {
    const estimate = measures[measure];
    return estimate ? [`${withInterval(estimate)}${arm === "" ? "" : ` with ${arm}`}`] : [];
  });
  return parts.length === 0
    ? "No run has finished."
    : `${capitalized(meaningOf(measure).label)} is ${enumerate(parts)}.`;
}

/** The measure that the answer is about: the first of those that the scenario wants shown; of a swarm the first that matters. */
const headlineOf = (summary: ExperimentSummary): string =>
  (isOfSwarm(summary) ? mainMeasures(summary.measures) : summary.measures)[0] ?? "";

/**
 * `Yes: with `, `In part: with ` or `No: with `, where the scenario says that a yes means that the challenger leads: yes where
 * it is better than every other arm, no where it is better than none.
 */
function inShort(verdicts: readonly Verdict[], { yesIf }: ExperimentSummary): string {
  const isUnclear = verdicts.length === 0 || verdicts.some(({ outcome }) => outcome === "unknown");
  if (yesIf !== "challenger-leads" || isUnclear) return "With ";
  const wins = verdicts.filter(({ outcome }) => outcome === "better").length;
  if (wins === verdicts.length) return "Yes: with ";
  return wins > 0 ? "In part: with " : "No: with ";
}

const basisOf = (seeds: number): string =>
  seeds === 1
    ? "1 seed per arm, so without intervals."
    : `${seeds} seeds per arm; 95 % Student-t intervals over seeds.`;

/** `No equilibrium was found in 3 of 20 runs: …`, of runs that are named. */
export const noEquilibrium = (runs: string): string =>
  `No equilibrium was found in ${runs}: the forecast that people acted on missed what came of it by more than a tenth.`;

/** A sentence for the runs that show no equilibrium, none where there are none. */
function unmetSentences({ points }: ExperimentSummary): string[] {
  const parts = points
    .filter(({ unmetForecasts }) => unmetForecasts > 0)
    .map(({ arm, unmetForecasts, seeds }) => {
      return `${unmetForecasts} of ${seeds.length} runs${arm === "" ? "" : ` of ${arm}`}`;
    });
  return parts.length === 0 ? [] : [noEquilibrium(enumerate(parts))];
}

/** The answer: what the challenger reaches in the headline measure, and how that compares with every other arm. */
export function answerOf(summary: ExperimentSummary): Answer {
  const { challenger, points } = summary;
  const measure = headlineOf(summary);
  const seeds = Math.max(0, ...points.map(({ measures }) => measures[measure]?.n ?? 0));
  const own = points.find(({ arm }) => arm === challenger)?.measures[measure];
  if (own === undefined) {
    if (!isOfSwarm(summary)) {
      const basis = [basisOf(seeds), ...unmetSentences(summary)].join(" ");
      return { sentence: plainSentence(summary, measure), basis };
    }
    const most = Math.max(0, ...points.map((point) => point.seeds.length));
    return { sentence: swarmSentence(summary), basis: basisOf(most) };
  }
  const verdicts = judge(summary).filter((verdict) => verdict.measure === measure);
  const compared = byRelation(verdicts);
  const opening = `${inShort(verdicts, summary)}${challenger}, ${meaningOf(measure).label} is ${withInterval(own)}`;
  const sentences = [
    compared.length === 0 ? `${opening}.` : `${opening}: ${compared.join("; ")}.`,
    ...analysisSentences(summary),
  ];
  const basis =
    seeds === 1
      ? basisOf(seeds)
      : `${seeds} seeds per arm, the same seeds in every arm; differences are paired by seed, intervals are 95 % Student-t. ` +
        "They cover chance, not whether the model is right.";
  return { sentence: sentences.join(" "), basis: [basis, ...unmetSentences(summary)].join(" ") };
}

/** A line for each measure in which the verdicts fell: `Loss: 2.3 nat/token against grant (2.1 nat/token; …).` */
function listing(verdicts: readonly Verdict[]): string[] {
  const measures = [...new Set(verdicts.map(({ measure }) => measure))];
  return measures.flatMap((measure) => {
    const these = verdicts.filter((verdict) => verdict.measure === measure);
    const [first] = these;
    if (first === undefined) return [];
    const own = formatQuantity(first.own, first.unit);
    return [`${capitalized(first.meaning.label)}: ${own} against ${enumerate(these.map(against))}.`];
  });
}

const withOutcome = (verdicts: readonly Verdict[], outcome: Outcome): Verdict[] =>
  verdicts.filter((verdict) => verdict.outcome === outcome);

function undetected(verdicts: readonly Verdict[]): string {
  const parts = verdicts.map(({ meaning, against: arm, difference, unit }) => {
    const detectable =
      difference.mdd === null ? "" : ` (a difference of ${formatQuantity(difference.mdd, unit)} would have shown)`;
    return `${meaning.label} against ${arm}${detectable}`;
  });
  return `No difference was found in ${enumerate(parts)}.`;
}

const armsWithoutRuns = ({ points }: ExperimentSummary): string[] =>
  points.filter(({ measures }) => Object.keys(measures).length === 0).map(({ arm }) => arm);

/** Arms of which nothing can be said. */
const missingFindings = (arms: readonly string[]): Finding[] =>
  arms.length === 0
    ? []
    : [
        {
          heading: "Arms without a run",
          text: `No run of ${enumerate(arms)} succeeded, so nothing is said of ${arms.length === 1 ? "it" : "them"}; log.jsonl says why.`,
        },
      ];

/**
 * Where the challenger is worse, where it is better, and where nothing can be told apart: in this order. Nothing without a
 * challenger.
 */
export function findingsOf(summary: ExperimentSummary): Finding[] {
  const { challenger } = summary;
  if (challenger === null) return [];
  const missing = armsWithoutRuns(summary);
  if (missing.includes(challenger)) return missingFindings(missing);
  const verdicts = judge(summary).filter(({ meaning }) => meaning.better !== undefined);
  const worse = withOutcome(verdicts, "worse");
  const level = withOutcome(verdicts, "level");
  const better = withOutcome(verdicts, "better");
  const isUnclear = verdicts.length > 0 && verdicts.every(({ outcome }) => outcome === "unknown");
  const none = isUnclear
    ? "That cannot be told with so few seeds."
    : "It is worse than no other arm in any measure shown.";
  const findings: Finding[] = [
    ...missingFindings(missing),
    {
      heading: `Where ${challenger} does not win`,
      text: worse.length > 0 ? "It is worse than another arm, seed by seed, in:" : none,
      items: listing(worse),
    },
  ];
  if (better.length > 0) {
    const text = "It is better than another arm, seed by seed, in:";
    findings.push({ heading: `Where ${challenger} wins`, text, items: listing(better) });
  }
  if (level.length > 0) findings.push({ heading: "What these seeds cannot tell apart", text: undetected(level) });
  return findings;
}
