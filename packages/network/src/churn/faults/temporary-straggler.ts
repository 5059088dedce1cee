/**
 * Temporary straggler: now and then a node becomes slower for a while (a neighbour's load, heat, a background job).
 *
 * An alternating renewal process for each affected node, from its first arrival on, at full speed to begin with: slow for the
 * share E[lasts] / (E[every] + E[lasts]) of the time in the long run. It goes on while the node is absent, unseen.
 */
import { share } from "@shardlab/contracts";
import { type EventHandle, priorities } from "@shardlab/des";
import type { RandomStream } from "@shardlab/random";
import { z } from "zod";
import type { DurationDistribution } from "../durations/duration-distribution.ts";
import { createDuration, durationSpec } from "../durations/registry.ts";
import type { FactorDistribution } from "../factors/factor-distribution.ts";
import { createFactor, factorSpec } from "../factors/registry.ts";
import type { Fault, FaultContext } from "./fault.ts";

export const temporaryStragglerSpec = z.strictObject({
  kind: z.literal("temporary-straggler"),
  share: share().prefault(1).describe("share of the nodes that are ever affected"),
  every: durationSpec.describe("from a recovery to the next slow-down"),
  lasts: durationSpec.describe("how long a slow-down lasts"),
  factor: factorSpec.prefault({ kind: "fixed-factor" }),
});
export type TemporaryStragglerSpec = z.output<typeof temporaryStragglerSpec>;

export function temporaryStraggler(spec: TemporaryStragglerSpec, context: FaultContext): Fault {
  return new TemporaryStraggler(spec, context);
}

/** A node's streams and the event that comes next for it. */
interface Affected {
  readonly times: RandomStream;
  readonly factors: RandomStream;
  next: EventHandle;
}

class TemporaryStraggler implements Fault {
  private readonly spec: TemporaryStragglerSpec;
  private readonly context: FaultContext;
  private readonly every: DurationDistribution;
  private readonly lasts: DurationDistribution;
  private readonly factor: FactorDistribution;
  private readonly affected = new Map<number, Affected>();
  private readonly slowDown: (node: number) => void;
  private readonly recover: (node: number) => void;

  constructor(spec: TemporaryStragglerSpec, context: FaultContext) {
    this.spec = spec;
    this.context = context;
    this.every = createDuration(spec.every);
    this.lasts = createDuration(spec.lasts);
    this.factor = createFactor(spec.factor);
    this.slowDown = (node) => {
      const state = this.stateOf(node);
      context.report.setFactor(node, this.factor.draw(state.factors));
      this.schedule(state, this.lasts, this.recover, node);
    };
    this.recover = (node) => {
      const state = this.stateOf(node);
      context.report.setFactor(node, 1);
      this.schedule(state, this.every, this.slowDown, node);
    };
  }

  start(): void {}

  meet(node: number): void {
    const { context } = this;
    if (!context.random("affected", node).bernoulli(this.spec.share)) return;
    const state = { times: context.random("times", node), factors: context.random("factors", node), next: -1 };
    this.affected.set(node, state);
    this.schedule(state, this.every, this.slowDown, node);
  }

  forget(node: number): void {
    const state = this.affected.get(node);
    if (state === undefined) return;
    this.context.loop.cancel(state.next);
    this.affected.delete(node);
    this.context.report.setFactor(node, 1);
  }

  groupOf(): number {
    return 0;
  }

  private schedule(state: Affected, after: DurationDistribution, handler: (node: number) => void, node: number): void {
    state.next = this.context.loop.schedule(after.draw(state.times), handler, node, priorities.urgent);
  }

  private stateOf(node: number): Affected {
    const state = this.affected.get(node);
    if (state === undefined) throw new Error(`unknown node: ${node}`);
    return state;
  }
}
