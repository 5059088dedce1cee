/** The training protocol. */

export {
  type MeasuredParts,
  type TrainingMeasure,
  trainingMeasureNames,
  trainingMeasures,
} from "./recording/measure-names.ts";
export { type RecordedRun, Recording, type RecordingOptions } from "./recording/recording.ts";
export * from "./spec.ts";
