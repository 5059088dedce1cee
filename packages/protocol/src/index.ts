/** The training protocol. */
export * from "./behaviour.ts";
export * from "./contradictions.ts";
export { createCoordinator, isJournalSnapshot } from "./coordinator/coordinator.ts";
export { messageSpec, tensorRefSpec } from "./message-spec.ts";
export * from "./messages.ts";
export {
  type MeasuredParts,
  type TrainingMeasure,
  trainingMeasureNames,
  trainingMeasures,
} from "./recording/measure-names.ts";
export { type RecordedRun, Recording, type RecordingOptions } from "./recording/recording.ts";
export * from "./settings.ts";
export * from "./signing.ts";
export * from "./spec.ts";
export { createWorker, type WorkerRole } from "./worker/worker.ts";
