/** Keeps what an experiment is about beside its runs, and builds the report from what is kept there. */
import { dirname, join } from "node:path";
import type { Plan } from "@shardlab/experiment/plan";
import type { JsonObject } from "@shardlab/results";
import type { Findings } from "./findings.ts";
import { reportContent } from "./report-content.ts";
import type { ExperimentCard, StoredDesign } from "./stored-experiment.ts";

/** JSON objects of ours are typed more narrowly than what a record may hold. */
const stored = (value: object): JsonObject => value as JsonObject;

const cardOf = ({ scenario }: Plan): ExperimentCard => ({
  question: scenario.question,
  expect: scenario.expect,
  ...(scenario.reference !== undefined && { reference: scenario.reference }),
});

const designOf = ({ arms, tasks, scenarioHash, modelHash }: Plan): StoredDesign => ({
  scenarioHash,
  modelHash,
  arms: arms.map(({ label }) => ({
    label,
    runHashes: tasks.filter(({ arm, design }) => design === "main" && arm === label).map(({ runHash }) => runHash),
  })),
});

/** Writes `experiment.json`, from which the report can be rebuilt without the scenario file. */
export async function keepExperiment(plan: Plan, findings: Findings, directory: string): Promise<void> {
  const { writeExperiment } = await import("@shardlab/results");
  const { experiment: name } = plan;
  writeExperiment(directory, {
    name,
    card: stored(cardOf(plan)),
    design: stored(designOf(plan)),
    summary: stored(findings),
  });
}

/** Writes `report.html` and its figures from what is stored in `directory`. Returns the path of the page. */
export async function rebuildReport(directory: string): Promise<string> {
  const { openResults, readExperiment } = await import("@shardlab/results");
  const { writeReport } = await import("@shardlab/report");
  const { name, card, design, summary } = readExperiment(directory);
  const results = await openResults(dirname(directory));
  try {
    const content = await reportContent({
      name,
      directory,
      results,
      card: card as unknown as ExperimentCard,
      design: design as unknown as StoredDesign,
      findings: summary as unknown as Findings,
    });
    return join(directory, writeReport(directory, content).page);
  } finally {
    results.close();
  }
}
