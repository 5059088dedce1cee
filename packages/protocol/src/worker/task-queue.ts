/** Tasks that a worker asked for, in order, with who wants to know how they ended. */
import type { ComputeResult, ComputeTask, RoleHost } from "@shardlab/contracts";

/** Gets the results of its tasks. `code` and `item` are what it gave with the task. */
export interface TaskOwner {
  taskDone(code: number, item: number, result: ComputeResult): void;
  taskFailed(task: ComputeTask, reason: string): void;
}

interface PendingTask {
  readonly owner: TaskOwner;
  readonly code: number;
  readonly item: number;
  /** Plan for which the result counts, or -1 where it does whatever the plan. */
  readonly epoch: number;
}

/** Whether the result of a task counts only while the plan stays the same. */
export type TaskScope = "plan" | "shard";

/**
 * Results come back in the order of the tasks. Those that were asked for under an earlier plan are dropped: their tasks come
 * before everything that the present plan asked for, so that they do no harm.
 */
export class TaskQueue {
  private readonly host: RoleHost;
  private readonly alter: (task: ComputeTask) => ComputeTask;
  private pending: PendingTask[] = [];
  private head = 0;
  private epoch = 0;

  constructor(host: RoleHost, alter: (task: ComputeTask) => ComputeTask) {
    this.host = host;
    this.alter = alter;
  }

  get isEmpty(): boolean {
    return this.head === this.pending.length;
  }

  /** From now on, results of the present plan's tasks are dropped. */
  beginEpoch(): void {
    this.epoch += 1;
  }

  ask(task: ComputeTask, owner: TaskOwner, { code = 0, item = 0, scope = "plan" as TaskScope } = {}): void {
    this.push(task, { owner, code, item, epoch: scope === "plan" ? this.epoch : -1 });
  }

  /** `ask` of a task that counts for the present plan, without the options' cost. */
  askForPlan(task: ComputeTask, owner: TaskOwner, code: number, item: number): void {
    this.push(task, { owner, code, item, epoch: this.epoch });
  }

  done(result: ComputeResult): void {
    const task = this.shift();
    if (task === undefined || (task.epoch >= 0 && task.epoch !== this.epoch)) {
      if (result.output !== undefined) this.host.release(result.output);
      return;
    }
    task.owner.taskDone(task.code, task.item, result);
  }

  failed(computeTask: ComputeTask, reason: string): void {
    const task = this.shift();
    if (task === undefined || (task.epoch >= 0 && task.epoch !== this.epoch)) return;
    task.owner.taskFailed(computeTask, reason);
  }

  private push(task: ComputeTask, pending: PendingTask): void {
    this.pending.push(pending);
    this.host.compute(this.alter(task));
  }

  private shift(): PendingTask | undefined {
    const task = this.pending[this.head++];
    if (this.head === this.pending.length) {
      this.pending.length = 0;
      this.head = 0;
    } else if (this.head > 1024) {
      this.pending = this.pending.slice(this.head);
      this.head = 0;
    }
    return task;
  }
}
