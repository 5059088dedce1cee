/** The pipeline schedules that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import { asynchronous, asynchronousSpec } from "./asynchronous.ts";
import { gpipe, gpipeSpec } from "./gpipe.ts";
import {
  interleavedOneForwardOneBackward,
  interleavedOneForwardOneBackwardSpec,
} from "./interleaved-one-forward-one-backward.ts";
import { oneForwardOneBackward, oneForwardOneBackwardSpec } from "./one-forward-one-backward.ts";
import type { PipelineMethod } from "./pipeline-method.ts";

export const pipelineSpec = z.discriminatedUnion("kind", [
  asynchronousSpec,
  gpipeSpec,
  interleavedOneForwardOneBackwardSpec,
  oneForwardOneBackwardSpec,
]);
export type PipelineSpec = z.output<typeof pipelineSpec>;
export type PipelineKind = PipelineSpec["kind"];

const factories: { [K in PipelineKind]: (spec: Extract<PipelineSpec, { kind: K }>) => PipelineMethod } = {
  asynchronous,
  gpipe,
  "interleaved-one-forward-one-backward": interleavedOneForwardOneBackward,
  "one-forward-one-backward": oneForwardOneBackward,
};

export const pipelineKinds = Object.keys(factories) as readonly PipelineKind[];

/** Makes the schedule that `spec` describes. */
export function createPipeline<K extends PipelineKind>(spec: Extract<PipelineSpec, { kind: K }>): PipelineMethod {
  const create: (spec: Extract<PipelineSpec, { kind: K }>) => PipelineMethod = factories[spec.kind as K];
  return create(spec);
}
