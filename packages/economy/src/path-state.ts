/** What moves as an economy passes through its epochs, and the stages that take part in it. */
import type { Measure, Mechanism, Offer, Situation, Table } from "@shardlab/contracts";
import type { TraceHash } from "@shardlab/numerics";
import type { Books } from "./books.ts";
import type { ConductState } from "./conduct/conduct-state.ts";
import type { DeliveryRows, Participation, RevisionScratch } from "./participation.ts";
import type { Beliefs } from "./valuation.ts";
import type { EconomyWorld } from "./world.ts";

/** Everything that moves. Columns have one row per model unless they come from `Participation`. */
export interface PathState {
  readonly world: EconomyWorld;
  readonly books: Books;
  readonly mechanism: Mechanism;
  readonly participation: Participation;
  readonly scratch: RevisionScratch;
  mechanismState: unknown;
  epoch: number;
  offer: Offer;
  readonly situation: Situation & { epoch: number; marketPricePerWork: number };
  readonly alive: Uint8Array;
  readonly training: Uint8Array;
  /** Work that has trained the model, PFLOP, and the part of it done in this epoch. */
  readonly cumulativeWork: Float64Array;
  readonly trainedWork: Float64Array;
  /** Verified work of providers in this epoch, PFLOP. */
  readonly recentWork: Float64Array;
  readonly distinctTokens: Float64Array;
  /** Loss now, and loss of the version in service (Infinity before the first release). */
  readonly loss: Float64Array;
  readonly releasedLoss: Float64Array;
  readonly releasedWork: Float64Array;
  readonly releasedAt: Int32Array;
  readonly lastRelease: Int32Array;
  /** Net revenue of this epoch, dollars. */
  readonly revenue: Float64Array;
  readonly workDone: DeliveryRows;
  readonly dataDelivered: DeliveryRows;
  readonly workers: Int32Array;
  /** Revenue of this epoch before the factors of stages, dollars. */
  readonly fullRevenue: Float64Array;
  /** What stages make of each model's revenue: 1 at the start of every epoch. */
  readonly earningsFactor: Float64Array;
  /** Share of the useful work on each model that trains it: 1 at the start of every epoch, less where stages use it otherwise. */
  readonly trainedShare: Float64Array;
  /** 0 for a model that nobody designed: it is neither trained nor waited for. */
  readonly entered: Uint8Array;
  /** Whether this path only serves to find out what is to be expected: what nobody can foresee is left out of it. */
  readonly isForecast: boolean;
  readonly stages: readonly Stage[];
  /** How providers behave, where the scenario says so; else all are honest and choose by logit. */
  readonly conduct?: ConductState;
  /** Units of ownership that will be issued until the target, as of an offer: see `unitsToCome`. */
  ahead?: { readonly epoch: number; readonly offer: Offer; readonly units: Float64Array };
}

/** Called after each epoch with the state as it then is; what it keeps, it copies. */
export type Observer = (state: PathState) => void;

/**
 * Something that takes part in an epoch beside mechanism and providers, such as a market for ownership. It is made anew for
 * every path, keeps what it remembers in its closure, and moves money through the ledger alone.
 */
export interface Stage {
  readonly kind: string;
  /** Before the mechanism quotes. */
  begin?(state: PathState): void;
  /** After the quote and before anybody decides; `beliefs` are this epoch's, and what the stage writes into their columns holds for this epoch. */
  offered?(state: PathState, beliefs: Beliefs): void;
  /** After everybody has worked and before the work trains. */
  worked?(state: PathState): void;
  /** After revenue has come in and before the mechanism settles. */
  earned?(state: PathState): void;
  /** After the mechanism has settled. */
  settled?(state: PathState, beliefs: Beliefs): void;
  measures?(state: PathState): readonly Measure[];
  tables?(state: PathState): readonly Table[];
  /** Adds what it remembers to the trace, once a revision period. */
  trace?(hash: TraceHash): void;
}

/** Makes a stage for one path. */
export type StageFactory = (world: EconomyWorld) => Stage;
