import { join } from "node:path";
import { type JsonObject, readVersioned } from "./manifest.ts";
import { jsonText, replaceFile } from "./replace-file.ts";

/** The version of experiment records that this code writes, and the newest that it reads. */
export const experimentVersion = 1;

/**
 * What is true of an experiment as a whole.
 *
 * @property card question, expectation, reference and running time, as the scenario opens with them.
 * @property design sweep points, seeds and what varies.
 * @property summary what the experiment found: measures by arm with their intervals.
 */
export interface ExperimentRecord {
  readonly name: string;
  readonly card: JsonObject;
  readonly design: JsonObject;
  readonly summary: JsonObject;
}

const experimentFile = "experiment.json";

/** Writes `experiment.json` into the experiment's folder, replacing an earlier one at once. */
export function writeExperiment(experimentDirectory: string, record: ExperimentRecord): void {
  const text = jsonText({ schemaVersion: experimentVersion, ...record });
  replaceFile(join(experimentDirectory, experimentFile), text);
}

/**
 * The record of an experiment.
 *
 * @throws ResultsError when it is missing, damaged, or of a newer schema version.
 */
export function readExperiment(experimentDirectory: string): ExperimentRecord {
  const content = readVersioned(join(experimentDirectory, experimentFile), experimentVersion);
  const { name, card, design, summary } = content as unknown as ExperimentRecord;
  return { name, card, design, summary };
}
