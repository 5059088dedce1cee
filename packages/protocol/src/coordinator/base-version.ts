/** From which version a new attempt can begin, and where each worker gets it. */
import type { CheckpointHeld } from "../messages.ts";
import { isVoid } from "./checkpoint-tracker.ts";
import type { DurableState } from "./journal.ts";
import { isHolder, type Member } from "./members.ts";

export interface BaseOptions {
  readonly state: DurableState;
  readonly stages: number;
  readonly checkpointsAreShared: boolean;
}

/**
 * The version decided, where somebody holds each stage at it; else the latest checkpoint that can be opened for every
 * stage; else 0, which anybody can make from the seed.
 * @param setbacks how many of these to pass over, because nobody managed to begin with them
 */
export function baseVersion(members: readonly Member[], options: BaseOptions, setbacks = 0): number {
  const { state, stages } = options;
  const isHeld = Array.from({ length: stages }, (_, stage) => members.some((member) => isHolder(member, stage, state)));
  const versions = [...(isHeld.every((held) => held) ? [state.version] : []), ...openableVersions(members, options), 0];
  return versions[Math.min(setbacks, versions.length - 1)];
}

/** Whether a member can open a stage at `version` from a disk. */
export function canOpen(member: Member, stage: number, version: number, options: BaseOptions): boolean {
  if (version === 0) return true;
  if (options.checkpointsAreShared) return options.state.checkpoints.includes(version);
  return member.checkpoints.some(
    (checkpoint) => checkpoint.stage === stage && checkpoint.version === version && !isVoid(checkpoint, options.state),
  );
}

/** Versions of which somebody can open every stage, the latest first. */
function openableVersions(members: readonly Member[], options: BaseOptions): number[] {
  const { state, stages } = options;
  if (options.checkpointsAreShared) return state.checkpoints.toReversed();
  const held: CheckpointHeld[] = members.flatMap(({ checkpoints }) => checkpoints.filter((one) => !isVoid(one, state)));
  const versions = [...new Set(held.map(({ version }) => version))].filter((version) => version <= state.version);
  return versions
    .filter((version) => {
      const found = new Set(held.filter((one) => one.version === version).map(({ stage }) => stage));
      return found.size === stages;
    })
    .sort((a, b) => b - a);
}
