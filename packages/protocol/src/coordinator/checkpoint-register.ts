/** What the coordinator knows of checkpoints: who has written what, and which versions are whole. */
import type { RoleHost } from "@shardlab/contracts";
import type { CheckpointHeld } from "../messages.ts";
import type { CoordinatorSettings } from "../settings.ts";
import { CheckpointTracker, isVoid } from "./checkpoint-tracker.ts";
import type { CoordinatorJournal } from "./journal.ts";
import type { Member } from "./members.ts";

/** Whole versions, and checkpoints of one worker, that are remembered. */
const wholeRemembered = 4;
const ownRemembered = 8;

export class CheckpointRegister {
  private readonly settings: CoordinatorSettings;
  private readonly host: RoleHost;
  private readonly journal: CoordinatorJournal;
  private readonly tracker: CheckpointTracker;

  constructor(settings: CoordinatorSettings, host: RoleHost, journal: CoordinatorJournal) {
    this.settings = settings;
    this.host = host;
    this.journal = journal;
    this.tracker = new CheckpointTracker(settings.parallelism.stages);
  }

  /** @returns whether a version became whole by it */
  learn(member: Member, { stage, version, attempt, bytes }: CheckpointHeld): boolean {
    const { state } = this.journal;
    const checkpoint = { stage, version, attempt, bytes };
    if (version > state.version || isVoid(checkpoint, state) || stage >= this.settings.parallelism.stages) return false;
    const others = member.checkpoints.filter((one) => one.stage !== stage || one.version !== version);
    member.checkpoints = [...others, checkpoint].slice(-ownRemembered);
    if (state.checkpoints.includes(version)) return false;
    const total = this.tracker.add(checkpoint);
    if (total === undefined) return false;
    const checkpoints = [...state.checkpoints, version].sort((a, b) => a - b).slice(-wholeRemembered);
    this.tracker.keep(checkpoints[0], Number.POSITIVE_INFINITY);
    this.journal.change({ checkpoints });
    this.host.record({ kind: "checkpoint", version, bytes: total });
    return true;
  }

  /** A checkpoint was not there when it was to be opened. */
  forget(member: Member, version: number): void {
    member.checkpoints = member.checkpoints.filter((one) => one.version !== version);
    if (!this.settings.checkpointsAreShared) return;
    this.journal.change({ checkpoints: this.journal.state.checkpoints.filter((one) => one !== version) });
  }

  /** Updates after `version` are undone. */
  undo(version: number): void {
    this.tracker.keep(0, version);
  }
}
