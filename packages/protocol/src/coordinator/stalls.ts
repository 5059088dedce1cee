/** Who holds up an attempt: seen from what its workers last said of themselves. */
import type { NodeId } from "@shardlab/contracts";
import type { AliveMessage, Waiting, WorkerLayout } from "../messages.ts";

/** A worker of the attempt, as far as it was heard in it. */
export interface StalledWorker {
  readonly node: NodeId;
  readonly layout: WorkerLayout;
  readonly isReady: boolean;
  /** Its last sign of life within this attempt; undefined where it has not shown that it knows the plan. */
  readonly status: AliveMessage | undefined;
}

export interface StallFindings {
  /** Workers that wait for nobody and are not done, or do not know the plan. */
  readonly slow: readonly NodeId[];
  /** Pairs of which one waits for what the other has sent. */
  readonly parted: readonly (readonly [NodeId, NodeId])[];
}

/**
 * A worker that waits for something that its peer has sent cannot be reached from there; what waits for nobody holds the
 * others up. Everyone else waits for one of these.
 */
export function findStalls(
  workers: ReadonlyMap<NodeId, StalledWorker>,
  span: number,
  hasEvaluation: boolean,
): StallFindings {
  const slow: NodeId[] = [];
  const parted: [NodeId, NodeId][] = [];
  for (const worker of workers.values()) {
    if (worker.isReady) continue;
    const waiting = worker.status?.waiting;
    if (waiting === undefined || waiting === null) slow.push(worker.node);
    else {
      const peer = workers.get(waiting.node);
      if (peer !== undefined && hasSent(peer, waiting, { span, hasEvaluation }))
        parted.push([waiting.node, worker.node]);
    }
  }
  return { slow, parted };
}

function hasSent(
  peer: StalledWorker,
  waiting: Waiting,
  { span, hasEvaluation }: { readonly span: number; readonly hasEvaluation: boolean },
): boolean {
  if (peer.isReady) return true;
  const { status, layout } = peer;
  if (status === undefined) return false;
  const evaluations = hasEvaluation ? layout.evaluationMicrobatches.length : 0;
  const ofSpan = waiting.update - span;
  const index = ofSpan * layout.microbatches.length + layout.microbatches.indexOf(waiting.item);
  switch (waiting.what) {
    case "held-out-activation":
      return status.forwards > layout.evaluationMicrobatches.indexOf(waiting.item);
    case "activation":
      return status.forwards > evaluations + index;
    case "activation-gradient":
      return status.backwards > index;
    case "snapshot":
      return status.forwards > 0;
    default:
      return status.synchronised > ofSpan || (status.synchronised === ofSpan && status.steps > stepOf(waiting));
  }
}

/** A worker has sent its share of the matrix that two stages have in common when it says that all steps are sent. */
const stepOf = ({ what, item }: Waiting): number => (what === "tied" ? 2 ** 31 - 2 : item);

/** Pairs of workers that could not reach one another, each for a while. */
export class PartedPairs {
  private readonly untilSeconds = new Map<string, { pair: readonly [NodeId, NodeId]; until: number; times: number }>();

  add(pair: readonly [NodeId, NodeId], nowSeconds: number, seconds: number): void {
    const key = `${Math.min(...pair)}|${Math.max(...pair)}`;
    const times = (this.untilSeconds.get(key)?.times ?? 0) + 1;
    this.untilSeconds.set(key, { pair, until: nowSeconds + seconds * (1 << Math.min(times, 6)), times });
    if (this.untilSeconds.size > 4096) this.untilSeconds.delete(this.untilSeconds.keys().next().value ?? "");
  }

  now(nowSeconds: number): (readonly [NodeId, NodeId])[] {
    return [...this.untilSeconds.values()].filter(({ until }) => until > nowSeconds).map(({ pair }) => pair);
  }
}
