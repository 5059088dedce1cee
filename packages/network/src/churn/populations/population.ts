/** Who is there and when: the interface that every population meets. */
import type { EventLoop } from "@shardlab/des";
import type { RandomStream } from "@shardlab/random";

/** What a population reports, as it happens in virtual time. Nodes are numbered from 0 in the order in which they are first known. */
export interface Membership {
  /** The node begins a session. */
  arrive(node: number): void;
  /** The end of the node's session is announced; it stays until it departs. */
  announce(node: number): void;
  /** The node's session ends announced. */
  depart(node: number): void;
  /** The node's session ends without a word. */
  crash(node: number): void;
  /** The node, absent, will never come back. */
  forget(node: number): void;
}

export interface PopulationContext {
  readonly loop: EventLoop;
  readonly membership: Membership;
  /** A stream of this population's own, at its first draw. */
  random(purpose: string, node?: number): RandomStream;
  /** The text of a file that the scenario names. */
  readText(path: string): string;
}

export interface Population {
  /** Schedules everything that is to come; reports who is there at this instant. To be called once. */
  start(): void;
}

/** How an open population begins: with nobody, or as if it had gone on for ever. */
export type OpenStart = "empty" | "stationary";
