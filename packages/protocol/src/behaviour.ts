/** The seam at which an attack, or a test's planted fault, makes a worker depart from the protocol. */
import type { ComputeTask, Message, NodeId } from "@shardlab/contracts";

export interface WorkerBehaviour {
  /** What is really computed where the protocol asks for `task`. */
  readonly task: (task: ComputeTask) => ComputeTask;
  /** What is really sent; undefined sends nothing, and the tensor is released as if it had been sent. */
  readonly message: (to: NodeId, message: Message) => Message | undefined;
}

/** Does and says what the protocol asks for. */
export const honestBehaviour: WorkerBehaviour = {
  task: (task) => task,
  message: (_to, message) => message,
};
