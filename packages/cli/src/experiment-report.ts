/** Builds the report of an experiment from what is stored in its folder. */
import { dirname, join, resolve } from "node:path";
import type { ExperimentDesign } from "@shardlab/experiment";
import { betterOf } from "./measure-meaning.ts";
import { type ExperimentCard, reportContent } from "./report-content.ts";

/**
 * Writes `report.html` and its figures from the runs and the record in `directory`. Returns the path of the page.
 *
 * @throws ResultsError when the folder holds no experiment, or one that is damaged or too new.
 */
export async function rebuildReport(directory: string): Promise<string> {
  const { listExperimentRuns, openResults, readExperiment } = await import("@shardlab/results");
  const { summarizeFromResults } = await import("@shardlab/experiment");
  const { writeReport } = await import("@shardlab/report");
  const { name, card, design } = readExperiment(directory);
  const planned = new Set((design as unknown as ExperimentDesign).runs);
  const results = await openResults(dirname(resolve(directory)));
  try {
    const content = await reportContent({
      name,
      results,
      runs: listExperimentRuns(directory).filter(({ run }) => planned.has(run)),
      card: card as unknown as ExperimentCard,
      design: design as unknown as ExperimentDesign,
      summary: await summarizeFromResults(directory, { betterOf }),
    });
    return join(directory, writeReport(directory, content).page);
  } finally {
    results.close();
  }
}
