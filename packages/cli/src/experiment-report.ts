/** Builds the report of an experiment, or the page of a game, from what is stored in its folder. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ExperimentDesign } from "@shardlab/experiment";
import type { GameDocument } from "./game-document.ts";
import { InputError } from "./input-error.ts";
import { betterOf } from "./measure-meaning.ts";
import { type ExperimentCard, reportContent } from "./report-content.ts";

/**
 * Writes `report.html` and its figures from the runs and the record in `directory`. Returns the path of the page.
 *
 * @throws InputError when the folder holds no experiment
 * @throws ResultsError when the experiment is damaged or too new
 */
export async function rebuildReport(directory: string): Promise<string> {
  const game = join(directory, "game.json");
  if (existsSync(game)) return rebuildGame(directory, JSON.parse(readFileSync(game, "utf8")) as GameDocument);
  if (!existsSync(join(directory, "experiment.json"))) {
    throw new InputError(
      `no experiment: ${directory} (expected the folder of one, such as results/resource-problem; shardlab list tells which there are)`,
    );
  }
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

async function rebuildGame(directory: string, document: GameDocument): Promise<string> {
  const { gameContent } = await import("./game-content.ts");
  const { writeReport } = await import("@shardlab/report");
  return join(directory, writeReport(directory, await gameContent(document, directory)).page);
}
