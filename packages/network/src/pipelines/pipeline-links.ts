/** What carries activations down a pipeline and gradients up. */
import type { EventLoop, Handler } from "@shardlab/des";
import type { Transport } from "../transfer.ts";

export interface PipelineLinks {
  /** Sends from stage to stage; `onArrival(payload)` once all has arrived. Never called with both the same. */
  send(transfer: StageTransfer): void;
}

export interface StageTransfer {
  readonly fromStage: number;
  readonly toStage: number;
  /** Gradients rather than activations. */
  readonly isBackward: boolean;
  readonly onArrival: Handler;
  readonly payload: number;
}

export interface SerialLinkSeconds {
  /** Time for which a transfer of activations, or of gradients, occupies a link: bytes over capacity. */
  readonly forwardTransferSeconds: number;
  readonly backwardTransferSeconds: number;
  /** Between the last byte sent and its arrival; a link can already carry the next transfer. */
  readonly latencySeconds: number;
}

/** More stages than any model has layers; two stage numbers make one exact double. */
const mostStages = 2 ** 24;

/** A link from each stage to each other, which carries one transfer after another in the order of asking. */
export function serialLinks(loop: EventLoop, seconds: SerialLinkSeconds): PipelineLinks {
  const freeAt = new Map<number, number>();
  return {
    send: ({ fromStage, toStage, isBackward, onArrival, payload }) => {
      const link = fromStage * mostStages + toStage;
      const begin = Math.max(loop.now, freeAt.get(link) ?? loop.now);
      const end = begin + (isBackward ? seconds.backwardTransferSeconds : seconds.forwardTransferSeconds);
      freeAt.set(link, end);
      loop.schedule(end + seconds.latencySeconds - loop.now, onArrival, payload);
    },
  };
}

export interface TransportLinkOptions {
  /** Node of each stage. */
  readonly nodes: ArrayLike<number>;
  readonly activationBytes: number;
  readonly gradientBytes: number;
  /** A transfer failed, so that the pipeline stands still for good; `payload` names the pass that waits. */
  readonly onFailed?: Handler;
}

/** Transfers over a network, where those that are under way at once share the links. */
export function transportLinks(transport: Pick<Transport, "transfer">, options: TransportLinkOptions): PipelineLinks {
  const { nodes, activationBytes, gradientBytes, onFailed } = options;
  return {
    send: ({ fromStage, toStage, isBackward, onArrival, payload }) => {
      transport.transfer({
        from: nodes[fromStage],
        to: nodes[toStage],
        bytes: isBackward ? gradientBytes : activationBytes,
        onDelivered: onArrival,
        ...(onFailed && { onFailed }),
        payload,
      });
    },
  };
}
