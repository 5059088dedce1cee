/** What a report says of an experiment, from its stored runs and its summary. */
import type { Assumption } from "@shardlab/contracts";
import type { ExperimentDesign, ExperimentSummary } from "@shardlab/experiment";
import type { MeasureSummary, Provenance, ReportContent, ReportFigure } from "@shardlab/report";
import type { OpenResults, RunManifest, StoredRun } from "@shardlab/results";
import { frontierFigures, parameterFindings, sensitivityFigures } from "./analysis-figures.ts";
import { answerOf, capitalized, findingsOf } from "./answer.ts";
import { checkFigures, checkTables } from "./check-figures.ts";
import { claimFigure, claimFinding } from "./claim-content.ts";
import { mainMeasures, meaningOf } from "./measure-meaning.ts";
import { swarmFigures } from "./swarm-figures.ts";
import { armRuns, ownershipFigures, timelineFigures } from "./table-figures.ts";

/** The head of a scenario, as `experiment.json` keeps it. */
export interface ExperimentCard {
  readonly question: string;
  readonly expect: string;
  readonly reference?: string;
}

/** @property runs those of the experiment's plan that are stored. */
export interface ReportSources {
  readonly name: string;
  readonly results: OpenResults;
  readonly runs: readonly StoredRun[];
  readonly card: ExperimentCard;
  readonly design: ExperimentDesign;
  readonly summary: ExperimentSummary;
}

/** Everything that the report of an experiment shows. */
export async function reportContent(sources: ReportSources): Promise<ReportContent> {
  const { measureTable } = await import("@shardlab/report");
  const { scenarioJsonSchema } = await import("@shardlab/scenario");
  const { card, summary, name } = sources;
  const ofArms = armRuns(sources);
  const { reference } = card;
  // Each is read when it is asked for, and is asked for once.
  const manifests = sources.runs.map(({ manifest }) => manifest);
  const schema = scenarioJsonSchema();
  const ofClaims = summary.claim ? [{ claim: summary.claim, schema, resolved: manifests[0]?.scenario }] : [];
  return {
    title: titleOf(name),
    question: card.question,
    expectation: card.expect,
    ...(reference !== undefined && { reference }),
    answer: answerOf(summary),
    findings: [...findingsOf(summary), ...parameterFindings(summary), ...ofClaims.map(claimFinding)],
    figures: [
      ...armFigures(sources),
      ...(await timelineFigures(ofArms)),
      ...(await swarmFigures(ofArms, summary.points)),
      ...frontierFigures(summary, schema),
      ...ofClaims.map((words) => claimFigure(words, "claim")),
      ...sensitivityFigures(summary),
      ...(await ownershipFigures(ofArms, summary.points)),
      ...checkFigures(summary),
    ],
    tables: [measureTable("All measures", measureSummaries(summary), tableNote), ...checkTables(summary)],
    assumptions: assumptionsOf(manifests),
    provenance: provenanceOf(sources, manifests),
  };
}

const tableNote =
  "Means over seeds with 95 % Student-t intervals. The detectable difference is the least true difference between two arms " +
  "that an unpaired test on as many seeds would show with probability 0.8; pairing by seed can do better.";

const titleOf = (name: string): string => capitalized(name.replaceAll("-", " "));

function measureSummaries({ points, measures }: ExperimentSummary): MeasureSummary[] {
  return measures.flatMap((measure) =>
    points.flatMap(({ arm, measures: estimates }): MeasureSummary[] => {
      const estimate = estimates[measure];
      if (estimate === undefined) return [];
      const { unit, mean, ci95, n, mdd } = estimate;
      const [low, high] = ci95 ?? [Number.NaN, Number.NaN];
      const detectable = mdd === null ? {} : { minimalDetectableDifference: mdd };
      return [{ measure: meaningOf(measure).label, unit, arm, mean, low, high, count: n, ...detectable }];
    }),
  );
}

const measuresInFigure = 6;

/** The main measures of all arms side by side. */
function armFigures({ name, summary }: ReportSources): ReportFigure[] {
  const { points, measures } = summary;
  if (points.length < 2) return [];
  const panels = mainMeasures(measures)
    .slice(0, measuresInFigure)
    .map((measure) => {
      const { label, better } = meaningOf(measure);
      const estimates = points.flatMap(({ arm, measures: found }) => {
        const estimate = found[measure];
        return estimate === undefined ? [] : [{ arm, ...estimate }];
      });
      const arms = estimates.map(({ arm, mean, ci95, values }) => {
        const [low, high] = ci95 ?? [mean, mean];
        return { arm, mean, low, high, values };
      });
      return { label: capitalized(label), unit: estimates[0]?.unit ?? "", ...(better && { better }), arms };
    });
  const seeds = Math.max(...points.map((point) => point.seeds.length));
  const caption =
    "Every arm in the main measures. Intervals that overlap can still differ: arms share their seeds, and the text " +
    "compares them seed by seed.";
  const data = { title: `${titleOf(name)}: arms compared`, seeds, measures: panels };
  return [{ id: "arm-comparison", caption, spec: { kind: "arm-comparison", data } }];
}

/** Each assumption once, in the order in which the runs state them. */
function assumptionsOf(manifests: readonly RunManifest[]): Assumption[] {
  const byStatement = new Map<string, Assumption>();
  for (const { assumptions } of manifests) {
    for (const assumption of assumptions) byStatement.set(assumption.statement, assumption);
  }
  return [...byStatement.values()];
}

/** How far runs can be replayed, the least first: an experiment is as replayable as its worst run. */
const determinismClasses = ["measured", "per-backend", "exact"] as const;

function seedRange(seeds: readonly number[]): string {
  const [first, last] = [Math.min(...seeds), Math.max(...seeds)];
  return first === last ? String(first) : `${first} to ${last}`;
}

function provenanceOf({ name, design, summary }: ReportSources, manifests: readonly RunManifest[]): Provenance {
  const [first] = manifests;
  const phases = manifests.flatMap((manifest) => Object.values(manifest.phases));
  const isDirty = manifests.some(({ dirty }) => dirty === true);
  return {
    experiment: name,
    scenarioHash: design.scenarioHash,
    modelHash: design.modelHash,
    commit: first?.commit ?? null,
    dirty: isDirty || (first?.dirty ?? null),
    runs: manifests.length,
    seeds: seedRange(summary.points.flatMap(({ seeds }) => seeds)),
    determinism: determinismClasses.find((one) => manifests.some(({ determinism }) => determinism === one)) ?? "exact",
    node: first?.node ?? "",
    wallSeconds: phases.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0),
    cpuSeconds: phases.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  };
}
