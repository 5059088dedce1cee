/** Churn: who is present, who is slow and who reaches whom, on virtual time. */

import type { EventLoop } from "@shardlab/des";
import type { Streams } from "@shardlab/random";
import { z } from "zod";
import { type Fault, mostGroups } from "./faults/fault.ts";
import { createFault, faultSpec } from "./faults/registry.ts";
import type { Population } from "./populations/population.ts";
import { createPopulation, populationSpec } from "./populations/registry.ts";

export const churnSpec = z.strictObject({
  population: populationSpec,
  // The groups of all partitions together are one number, which has to stay exact.
  faults: z.array(faultSpec).max(8).default([]),
});
export type ChurnSpec = z.output<typeof churnSpec>;

/** What a world wants to hear of; handlers run inside the event loop, before all else at the same instant. */
export interface ChurnHandlers {
  /** The node is present from now on. If it is slow, `onSlowdown` follows at once. */
  onArrival?(node: number): void;
  /** The end of the node's session is known; `onDeparture` will follow. */
  onNotice?(node: number): void;
  /** The node has left and said so. */
  onDeparture?(node: number): void;
  /** The node has vanished; what a world makes known of it, and when, is its own business. */
  onCrash?(node: number): void;
  /** The network has split (further): see `groupOf`. `fault` is the index in the spec. */
  onPartition?(fault: number): void;
  /** The partition of that fault is over. */
  onHeal?(fault: number): void;
  /** The present node is slower than normal by `factor` in all from now on. */
  onSlowdown?(node: number, factor: number): void;
  /** The present node is at its normal speed again. */
  onRecover?(node: number): void;
}

export interface ChurnOptions {
  readonly spec: ChurnSpec;
  readonly loop: EventLoop;
  readonly streams: Streams;
  readonly handlers: ChurnHandlers;
  /** First word of the names of all streams drawn from; groups of nodes in one world need one each. "churn" unless given. */
  readonly name?: string;
  /** Reads the files that the spec names; needed by availability traces alone. */
  readonly readText?: (path: string) => string;
}

/**
 * Drives one group of nodes, numbered from 0. What a node does depends on the seed, the group's name and its number alone:
 * sessions, endings, faults and groups each have a stream per node, so that neither another node nor another fault (after
 * those of its kind) changes any of it.
 */
export class Churn {
  private readonly handlers: ChurnHandlers;
  private readonly population: Population;
  private readonly faults: readonly Fault[];
  private readonly present = new Set<number>();
  private readonly known = new Set<number>();
  /** Slow-down by node, of each fault; 1 where nothing is recorded. */
  private readonly factors: readonly Map<number, number>[];

  /** @throws Error `unreadable file: ...` when the spec names a file and `readText` is not given, and what that throws. */
  constructor({ spec, loop, streams, handlers, name = "churn", readText = refuseToRead }: ChurnOptions) {
    this.handlers = handlers;
    this.population = createPopulation(spec.population, {
      loop,
      membership: this.membership(),
      random: (purpose, node = 0) => streams.stream(`${name} ${purpose}`, node),
      readText,
    });
    this.factors = spec.faults.map(() => new Map());
    this.faults = spec.faults.map((fault, index) => {
      // Counted within its kind, so that a fault of another kind before it changes nothing.
      const place = spec.faults.slice(0, index).filter(({ kind }) => kind === fault.kind).length;
      return createFault(fault, {
        loop,
        report: {
          split: () => handlers.onPartition?.(index),
          heal: () => handlers.onHeal?.(index),
          setFactor: (node, factor) => this.setFactor(index, node, factor),
        },
        random: (purpose, node = 0) => streams.stream(`${name} ${fault.kind} ${place} ${purpose}`, node),
      });
    });
  }

  /** Schedules everything to come, and reports as arrivals those who are present now. To be called once. */
  start(): void {
    for (const fault of this.faults) fault.start();
    this.population.start();
  }

  get presentCount(): number {
    return this.present.size;
  }

  isPresent(node: number): boolean {
    return this.present.has(node);
  }

  /** By how much the node is slower than normal: the product over all faults, 1 or more. */
  slowdownOf(node: number): number {
    return this.factors.reduce((product, factors) => product * (factors.get(node) ?? 1), 1);
  }

  /** A number of the group that the node is in, the same for who reach one another; 0 for all while the network is whole. */
  groupOf(node: number): number {
    return this.faults.reduce((number, fault) => number * mostGroups + fault.groupOf(node), 0);
  }

  private membership() {
    const { present, known } = this;
    const leave = (node: number): boolean => present.delete(node);
    return {
      arrive: (node: number) => {
        present.add(node);
        this.handlers.onArrival?.(node);
        if (known.has(node)) {
          const factor = this.slowdownOf(node);
          if (factor !== 1) this.handlers.onSlowdown?.(node, factor);
          return;
        }
        known.add(node);
        for (const fault of this.faults) fault.meet(node);
      },
      announce: (node: number) => this.handlers.onNotice?.(node),
      depart: (node: number) => {
        leave(node);
        this.handlers.onDeparture?.(node);
      },
      crash: (node: number) => {
        leave(node);
        this.handlers.onCrash?.(node);
      },
      forget: (node: number) => {
        known.delete(node);
        for (const fault of this.faults) fault.forget(node);
      },
    };
  }

  private setFactor(fault: number, node: number, factor: number): void {
    if (factor === 1) this.factors[fault].delete(node);
    else this.factors[fault].set(node, factor);
    if (!this.present.has(node)) return;
    const total = this.slowdownOf(node);
    if (total === 1) this.handlers.onRecover?.(node);
    else this.handlers.onSlowdown?.(node, total);
  }
}

function refuseToRead(path: string): never {
  throw new Error(`unreadable file: ${path}`);
}
