/** What a swarm is made of. */
import type { Slot } from "../processes/process-messages.ts";
import type { HardwareRunOptions } from "./hardware-run-options.ts";
import type { LinkPlan } from "./link-plan.ts";
import type { RunFolder } from "./run-folder.ts";
import type { RunRecorder } from "./run-recorder.ts";

export interface SwarmParts {
  readonly options: HardwareRunOptions;
  readonly folder: RunFolder;
  readonly plan: LinkPlan;
  readonly slots: readonly Slot[];
  readonly recorder: RunRecorder;
  readonly originSeconds: number;
}
