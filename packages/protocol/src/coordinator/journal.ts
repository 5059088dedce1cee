/** What the coordinator must never forget, and how it comes back after a crash. */
import type { NodeId, Plain, RoleHost } from "@shardlab/contracts";
import { z } from "zod";
import type { Decision } from "../messages.ts";

const whole = z.number().int().min(0);
const decisionSpec = z.object({ span: whole, attempt: whole, updates: whole, squaredNorm: z.number().nullable() });

const stateSpec = z.object({
  version: whole,
  attempt: whole,
  decision: decisionSpec.nullable(),
  evaluatedVersion: z.number().int().min(-1),
  checkpoints: z.array(whole),
  rollbacks: z.array(z.object({ version: whole, attempt: whole })),
  isFinished: z.boolean(),
});

const entrySpec = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("state"), state: stateSpec }),
  z.object({ kind: z.literal("grid"), nodes: z.array(whole) }),
  z.object({ kind: z.literal("snapshot"), state: stateSpec, nodes: z.array(whole) }),
]);

/**
 * @property version updates that were decided.
 * @property attempt the last one that workers may have heard of.
 * @property decision the one that led to `version`; null after going back to a checkpoint.
 * @property evaluatedVersion the last version whose held-out loss was told, or -1.
 * @property checkpoints versions of which every stage was written, ascending; the last few.
 * @property rollbacks when updates were undone: what was written of later versions before that attempt is void.
 */
export interface DurableState {
  readonly version: number;
  readonly attempt: number;
  readonly decision: Decision | null;
  readonly evaluatedVersion: number;
  readonly checkpoints: readonly number[];
  readonly rollbacks: readonly { readonly version: number; readonly attempt: number }[];
  readonly isFinished: boolean;
}

const initialState: DurableState = {
  version: 0,
  attempt: 0,
  decision: null,
  evaluatedVersion: -1,
  checkpoints: [],
  rollbacks: [],
  isFinished: false,
};

/** Entries between two that make all earlier ones needless. */
const entriesPerSnapshot = 64;

/** Whether a journal entry makes all entries before it needless, so that a host may drop them. */
export function isJournalSnapshot(entry: Plain): boolean {
  return typeof entry === "object" && entry !== null && "kind" in entry && entry.kind === "snapshot";
}

/** Every change is durable before anything that follows from it is said. */
export class CoordinatorJournal {
  state: DurableState = initialState;
  /** Workers of the last grid. */
  nodes: readonly NodeId[] = [];
  private readonly host: RoleHost;
  private entries = 0;

  /** @throws Error `invalid journal entry: ...` */
  constructor(host: RoleHost, journal: readonly Plain[]) {
    this.host = host;
    for (const entry of journal) this.read(entry);
  }

  change(changes: Partial<DurableState>): void {
    this.state = { ...this.state, ...changes };
    this.write({ kind: "state", state: plainState(this.state) });
  }

  setNodes(nodes: readonly NodeId[]): void {
    this.nodes = nodes;
    this.write({ kind: "grid", nodes: [...nodes] });
  }

  private write(entry: Plain): void {
    this.entries += 1;
    const isSnapshot = this.entries % entriesPerSnapshot === 0;
    const whole = { kind: "snapshot", state: plainState(this.state), nodes: [...this.nodes] };
    this.host.persist(isSnapshot ? whole : entry);
  }

  private read(entry: Plain): void {
    const read = entrySpec.safeParse(entry);
    if (!read.success) throw new Error(`invalid journal entry: ${JSON.stringify(entry)}`);
    if (read.data.kind !== "grid") this.state = stateOf(read.data.state);
    if (read.data.kind !== "state") this.nodes = read.data.nodes;
    this.entries += 1;
  }
}

/** Numbers that JSON lacks are written as null, and read as not-a-number. */
function plainState({ decision, checkpoints, rollbacks, ...state }: DurableState): Plain {
  const squaredNorm = Number.isFinite(decision?.squaredNorm) ? decision?.squaredNorm : null;
  return {
    ...state,
    decision: decision === null ? null : { ...decision, squaredNorm: squaredNorm ?? null },
    checkpoints: [...checkpoints],
    rollbacks: rollbacks.map(({ version, attempt }) => ({ version, attempt })),
  };
}

function stateOf({ decision, ...state }: z.output<typeof stateSpec>): DurableState {
  if (decision === null) return { ...state, decision };
  return { ...state, decision: { ...decision, squaredNorm: decision.squaredNorm ?? Number.NaN } };
}
