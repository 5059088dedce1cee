/** What a report says of an experiment, from its stored runs and findings. */
import type { Assumption } from "@shardlab/contracts";
import type { MeasureSummary, Provenance, ReportContent, ReportFigure } from "@shardlab/report";
import type { OpenResults, RunManifest } from "@shardlab/results";
import { answerOf, findingsOf } from "./answer.ts";
import type { Findings } from "./findings.ts";
import { mainMeasures, meaningOf } from "./measure-meaning.ts";
import type { ExperimentCard, StoredDesign } from "./stored-experiment.ts";
import { ownershipFigures, timelineFigures } from "./table-figures.ts";

export interface ReportSources {
  readonly name: string;
  /** The experiment's folder. */
  readonly directory: string;
  readonly results: OpenResults;
  readonly card: ExperimentCard;
  readonly design: StoredDesign;
  readonly findings: Findings;
}

/** Everything that the report of an experiment shows. */
export async function reportContent(sources: ReportSources): Promise<ReportContent> {
  const { measureTable } = await import("@shardlab/report");
  const { card, design, findings, results } = sources;
  const manifests = await readManifests(sources);
  const runs = { results, arms: design.arms };
  const figures = [
    ...armFigures(sources, manifests),
    ...(await timelineFigures(runs)),
    ...(await ownershipFigures(runs, findings.arms)),
  ];
  return {
    title: titleOf(sources.name),
    question: card.question,
    expectation: card.expect,
    ...(card.reference !== undefined && { reference: card.reference }),
    answer: answerOf(findings.arms, findings.headline, findings.comparison),
    findings: findings.comparison === undefined ? [] : findingsOf(findings.comparison),
    figures,
    tables: [measureTable("All measures", measureSummaries(findings), tableNote)],
    assumptions: assumptionsOf(manifests),
    provenance: provenanceOf(sources, manifests),
  };
}

const tableNote =
  "Means over seeds with 95 % Student-t intervals. The detectable difference is the least true difference between two arms " +
  "that an unpaired test on as many seeds would show with probability 0.8; pairing by seed can do better.";

const titleOf = (name: string): string => {
  const words = name.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

async function readManifests({ directory, design }: ReportSources): Promise<RunManifest[]> {
  const { findRun } = await import("@shardlab/results");
  return design.arms.flatMap(({ runHashes }) => runHashes.flatMap((hash) => findRun(directory, hash) ?? []));
}

function measureSummaries({ arms, measures }: Findings): MeasureSummary[] {
  return measures.flatMap((measure) =>
    arms.flatMap(({ arm, measures: estimates }): MeasureSummary[] => {
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
function armFigures({ name, findings }: ReportSources, manifests: readonly RunManifest[]): ReportFigure[] {
  const { arms, measures } = findings;
  if (arms.length < 2) return [];
  const shown = mainMeasures(measures).slice(0, measuresInFigure);
  const panels = shown.map((measure) => {
    const { label, better } = meaningOf(measure);
    const rows = arms.flatMap(({ arm, measures: estimates }) => {
      const estimate = estimates[measure];
      if (estimate === undefined) return [];
      const [low, high] = estimate.ci95 ?? [estimate.mean, estimate.mean];
      return [{ arm, mean: estimate.mean, low, high, values: estimate.values }];
    });
    const unit = arms.flatMap(({ measures: estimates }) => estimates[measure]?.unit ?? [])[0] ?? "";
    return { label: label.charAt(0).toUpperCase() + label.slice(1), unit, ...(better && { better }), arms: rows };
  });
  const seeds = new Set(manifests.map(({ seed }) => seed)).size;
  return [
    {
      id: "arm-comparison",
      caption:
        "Every arm in the main measures. Intervals that overlap can still differ: arms share their seeds, and the text compares seed by seed.",
      spec: { kind: "arm-comparison", data: { title: `${titleOf(name)}: arms compared`, seeds, measures: panels } },
    },
  ];
}

/** Each assumption once, in the order in which the runs state them. */
function assumptionsOf(manifests: readonly RunManifest[]): Assumption[] {
  const byStatement = new Map<string, Assumption>();
  for (const { assumptions } of manifests) {
    for (const assumption of assumptions) byStatement.set(assumption.statement, assumption);
  }
  return [...byStatement.values()];
}

const weakest = ["measured", "per-backend", "exact"] as const;

function seedRange(manifests: readonly RunManifest[]): string {
  const seeds = manifests.map(({ seed }) => seed);
  const [first, last] = [Math.min(...seeds), Math.max(...seeds)];
  return first === last ? String(first) : `${first} to ${last}`;
}

function provenanceOf({ name, design }: ReportSources, manifests: readonly RunManifest[]): Provenance {
  const [first] = manifests;
  const phases = manifests.flatMap(({ phases }) => Object.values(phases));
  return {
    experiment: name,
    scenarioHash: design.scenarioHash,
    modelHash: design.modelHash,
    commit: first?.commit ?? null,
    dirty: manifests.some(({ dirty }) => dirty === true) || (first?.dirty ?? null),
    runs: manifests.length,
    seeds: seedRange(manifests),
    determinism: weakest.find((one) => manifests.some(({ determinism }) => determinism === one)) ?? "exact",
    node: first?.node ?? "",
    wallSeconds: phases.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0),
    cpuSeconds: phases.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  };
}
