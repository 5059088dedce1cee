/** Who is there. */
import type { NodeId } from "@shardlab/contracts";
import type { AliveMessage, CheckpointHeld, HeldShard, JoinMessage } from "../messages.ts";
import type { WorkerDuty } from "../settings.ts";
import { isVoid } from "./checkpoint-tracker.ts";
import type { DurableState } from "./journal.ts";

export interface Member {
  readonly node: NodeId;
  readonly duty: WorkerDuty;
  readonly publicKey: string;
  /** Of the newest thing that it said of itself. */
  sequence: number;
  held: HeldShard | null;
  checkpoints: readonly CheckpointHeld[];
  heardSeconds: number;
  /** Its link was lost: it has less time to be heard again. */
  isSuspect: boolean;
  isLeaving: boolean;
  /** Its last sign of life. */
  status: AliveMessage | undefined;
  /** Stage that it has in the grid, or -1. */
  stage: number;
  /** The layout that it is known to have. */
  layoutId: number;
  /** FLOP per second, NaN before it was measured. */
  speed: number;
  strikes: number;
  excludedUntilSeconds: number;
  /** Who found something wrong with what it sent. */
  readonly blamedBy: Set<NodeId>;
  /** The last attempt at a span that it said it gave up. */
  abandonedAttempt: number;
  abandonedSpan: number;
}

const speedSmoothing = 0.3;

export class Members {
  private readonly members = new Map<NodeId, Member>();

  get size(): number {
    return this.members.size;
  }

  get(node: NodeId): Member | undefined {
    return this.members.get(node);
  }

  all(): IterableIterator<Member> {
    return this.members.values();
  }

  /** A member that joined before is only brought up to date. */
  join(node: NodeId, message: JoinMessage, seconds: number): { member: Member; isNew: boolean } {
    const known = this.members.get(node);
    const member = known ?? newMember(node, message);
    this.members.set(node, member);
    this.hear(member, seconds);
    if (known !== undefined && message.sequence <= known.sequence) return { member, isNew: false };
    member.sequence = message.sequence;
    member.held = message.held;
    member.checkpoints = message.checkpoints;
    return { member, isNew: known === undefined };
  }

  hear(member: Member, seconds: number): void {
    member.heardSeconds = seconds;
    member.isSuspect = false;
  }

  /** Takes what a member says of its shard, unless something newer is known. */
  learnHeld(member: Member, sequence: number, held: HeldShard | null): boolean {
    if (sequence <= member.sequence) return false;
    member.sequence = sequence;
    member.held = held;
    return true;
  }

  remove(node: NodeId): void {
    this.members.delete(node);
  }

  verifiers(): NodeId[] {
    return [...this.members.values()].filter(({ duty }) => duty === "verify").map(({ node }) => node);
  }
}

function newMember(node: NodeId, { duty, publicKey }: JoinMessage): Member {
  return {
    node,
    duty,
    publicKey,
    sequence: -1,
    held: null,
    checkpoints: [],
    heardSeconds: 0,
    isSuspect: false,
    isLeaving: false,
    status: undefined,
    stage: -1,
    layoutId: -1,
    speed: Number.NaN,
    strikes: 0,
    excludedUntilSeconds: Number.NEGATIVE_INFINITY,
    blamedBy: new Set(),
    abandonedAttempt: -1,
    abandonedSpan: -1,
  };
}

/** Takes in a measurement of speed. */
export function learnSpeed(member: Member, flop: number, seconds: number): void {
  if (!(flop > 0 && seconds > 0)) return;
  const speed = flop / seconds;
  member.speed = Number.isNaN(member.speed) ? speed : member.speed + speedSmoothing * (speed - member.speed);
}

/** Whether a member has the shard of `stage` at `version`, or is ready for the decision that leads there. */
export function isHolder(
  { held }: Member,
  stage: number,
  { version, decision, rollbacks }: Pick<DurableState, "version" | "decision" | "rollbacks">,
): boolean {
  if (held === null || held.stage !== stage) return false;
  if (held.version === version) return !isVoid(held, { rollbacks });
  if (decision === null) return false;
  return held.readySpan === decision.span && held.readyAttempt === decision.attempt;
}
