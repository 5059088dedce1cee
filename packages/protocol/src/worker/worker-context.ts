/** What the parts of a worker share. */
import type { Message, NodeId, RoleHost, Signer, TensorRef } from "@shardlab/contracts";
import { honestBehaviour, type WorkerBehaviour } from "../behaviour.ts";
import type { ProtocolMessage, RunRules } from "../messages.ts";
import type { WorkerSettings } from "../settings.ts";
import { nullSigner } from "../signing.ts";
import { TaskQueue } from "./task-queue.ts";

export class WorkerContext {
  readonly host: RoleHost;
  readonly signer: Signer;
  readonly tasks: TaskQueue;
  /** Known from the first welcome on. */
  rules: RunRules | undefined;
  /** When something was last done or received that the span needed. */
  progressSeconds = 0;
  private readonly behaviour: WorkerBehaviour;

  constructor(settings: WorkerSettings, host: RoleHost) {
    this.host = host;
    this.signer = settings.signer ?? nullSigner;
    this.behaviour = settings.behaviour ?? honestBehaviour;
    this.tasks = new TaskQueue(host, this.behaviour.task);
  }

  send(to: NodeId, message: ProtocolMessage): void {
    const said: Message | undefined = this.behaviour.message(to, message);
    if (said !== undefined) this.host.send(to, said);
  }

  /** Sends a message whose tensor nobody here needs afterwards. */
  sendTensor(to: NodeId, message: ProtocolMessage & { readonly tensor: TensorRef }): void {
    this.send(to, message);
    this.host.release(message.tensor);
  }

  madeProgress(): void {
    this.progressSeconds = this.host.nowSeconds;
  }
}
