/** A worker's memory of the checkpoints on its disk, over its lives. */
import type { Plain, RoleHost } from "@shardlab/contracts";
import { z } from "zod";
import type { CheckpointHeld } from "../messages.ts";

const whole = z.number().int().min(0);
const entrySpec = z.object({
  kind: z.literal("snapshot"),
  checkpoints: z.array(z.object({ stage: whole, version: whole, attempt: whole, bytes: whole })),
});

/** Checkpoints that are remembered; older ones are of no use to anybody. */
const remembered = 8;

/** Every entry is the whole list, so that a host may drop all but the last. */
export class CheckpointJournal {
  latest: readonly CheckpointHeld[] = [];
  private readonly host: Pick<RoleHost, "persist"> | undefined;

  /** @param host where to write; undefined for reading only */
  constructor(host: Pick<RoleHost, "persist"> | undefined, journal: readonly Plain[]) {
    this.host = host;
    for (const entry of journal) {
      const read = entrySpec.safeParse(entry);
      if (read.success) this.latest = read.data.checkpoints;
    }
  }

  get last(): CheckpointHeld | null {
    return this.latest.at(-1) ?? null;
  }

  add(checkpoint: CheckpointHeld): void {
    this.write([...this.without(checkpoint.stage, checkpoint.version), checkpoint].slice(-remembered));
  }

  /** It turned out not to be there. */
  forget(stage: number, version: number): void {
    const left = this.without(stage, version);
    if (left.length < this.latest.length) this.write(left);
  }

  private without(stage: number, version: number): CheckpointHeld[] {
    return this.latest.filter((one) => one.stage !== stage || one.version !== version);
  }

  private write(latest: readonly CheckpointHeld[]): void {
    this.latest = latest;
    const checkpoints = this.latest.map(({ stage, version, attempt, bytes }) => ({ stage, version, attempt, bytes }));
    this.host?.persist({ kind: "snapshot", checkpoints });
  }
}
