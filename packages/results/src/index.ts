/** Run directories: Parquet tables and a manifest, written atomically, read through DuckDB. */
export {
  type Compaction,
  type CompactionProgress,
  type CompactOptions,
  cleanUp,
  compactExperiment,
} from "./compact.ts";
export type { QueryValue } from "./database.ts";
export { type ExperimentRecord, experimentVersion, readExperiment, writeExperiment } from "./experiment-record.ts";
export {
  type Coordinate,
  type Design,
  type JsonObject,
  type JsonValue,
  manifestVersion,
  type PhaseTime,
  type RunManifest,
  type RunRecord,
  readManifest,
  runIdOf,
  type TableEntry,
} from "./manifest.ts";
export { type MeasureColumns, type MeasureRow, measuresTable, readMeasureColumns, readMeasures } from "./measures.ts";
export { modelHash, modelPackages, swarmModelPackages } from "./model-hash.ts";
export { type OpenResults, openResults, type QueryAnswer } from "./open-results.ts";
export { bytesOf, type ExperimentOverview, overviewResults } from "./overview.ts";
export { makeFolder, replaceFile } from "./replace-file.ts";
export { ResultsError } from "./results-error.ts";
export type { RunPlace } from "./run-index.ts";
export { findRun, listExperimentRuns, listRuns, type StoredRun, type StoredRuns, storedRuns } from "./runs.ts";
export { readTables } from "./stored-tables.ts";
export { type WrittenRun, writeRun } from "./write-run.ts";
