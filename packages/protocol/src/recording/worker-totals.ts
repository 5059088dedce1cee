/** What each node of a run did in all. */
import type { NodeId, Table, TrainingRecord } from "@shardlab/contracts";
import { RowTable } from "./row-table.ts";

type RecordOf<Kind extends TrainingRecord["kind"]> = Extract<TrainingRecord, { readonly kind: Kind }>;

type Traffic = Pick<RecordOf<"traffic">, "sentBytes" | "receivedBytes" | "sentTensorBytes">;

const noTraffic: Traffic = { sentBytes: 0, receivedBytes: 0, sentTensorBytes: 0 };

/** Totals of one node; links are NaN until told. */
export interface NodeTotals {
  stage: number;
  publicKey: string;
  /** Seconds at which its presence began, or -1 while it is away. */
  presentSince: number;
  presentSeconds: number;
  committedFlop: number;
  vainFlop: number;
  microbatches: number;
  sentBytes: number;
  receivedBytes: number;
  sentTensorBytes: number;
  /** Of these, what earlier lives of the node sent and received. */
  earlier: Traffic;
  askedUplink: number;
  measuredUplink: number;
  askedLatency: number;
  measuredRoundTrip: number;
}

const newTotals = (): NodeTotals => ({
  stage: -1,
  publicKey: "",
  presentSince: -1,
  presentSeconds: 0,
  committedFlop: 0,
  vainFlop: 0,
  microbatches: 0,
  ...noTraffic,
  earlier: noTraffic,
  askedUplink: Number.NaN,
  measuredUplink: Number.NaN,
  askedLatency: Number.NaN,
  measuredRoundTrip: Number.NaN,
});

export class WorkerTotals {
  private readonly totals: NodeTotals[] = [];
  private readonly groupOf: (node: NodeId) => string;
  /** By node; apart from the rest, because tasks are many. */
  private busy = new Float64Array(64);
  private trainingFlop = new Float64Array(64);

  constructor(groupOf: (node: NodeId) => string) {
    this.groupOf = groupOf;
  }

  /** Of a node, which is known from now on. */
  of(node: NodeId): NodeTotals {
    while (this.totals.length <= node) this.totals.push(newTotals());
    while (this.busy.length <= node) {
      this.busy = doubled(this.busy);
      this.trainingFlop = doubled(this.trainingFlop);
    }
    return this.totals[node];
  }

  addTask({ node, startSeconds, endSeconds, flop, split }: RecordOf<"task">): void {
    if (node >= this.totals.length) this.of(node);
    this.busy[node] += endSeconds - startSeconds;
    if (split !== "held-out") this.trainingFlop[node] += flop;
  }

  addContribution({ node, publicKey, stage, flop, microbatches, isCommitted }: RecordOf<"contribution">): void {
    const totals = this.of(node);
    totals.publicKey = publicKey;
    totals.stage = stage;
    if (isCommitted) {
      totals.committedFlop += flop;
      totals.microbatches += microbatches;
    } else totals.vainFlop += flop;
  }

  addMembership({ node, change, stage }: RecordOf<"membership">, seconds: number): void {
    const totals = this.of(node);
    if (stage !== undefined) totals.stage = stage;
    const isAway = change === "left" || change === "lost";
    if (isAway && totals.presentSince >= 0) {
      totals.presentSeconds += seconds - totals.presentSince;
      totals.presentSince = -1;
    } else if (change === "joined" && totals.presentSince < 0) totals.presentSince = seconds;
  }

  /** A node that has sent nothing begins a life: a coordinator keeps its number over several of them. */
  setTraffic(told: RecordOf<"traffic">): void {
    const totals = this.of(told.node);
    if (told.sentBytes === 0) {
      const { sentBytes, receivedBytes, sentTensorBytes } = totals;
      totals.earlier = { sentBytes, receivedBytes, sentTensorBytes };
    }
    totals.sentBytes = totals.earlier.sentBytes + told.sentBytes;
    totals.receivedBytes = totals.earlier.receivedBytes + told.receivedBytes;
    totals.sentTensorBytes = totals.earlier.sentTensorBytes + told.sentTensorBytes;
  }

  setLink(link: RecordOf<"link">): void {
    const totals = this.of(link.node);
    totals.askedUplink = link.askedUplinkBytesPerSecond;
    totals.measuredUplink = link.measuredUplinkBytesPerSecond;
    totals.askedLatency = link.askedLatencySeconds;
    totals.measuredRoundTrip = link.measuredRoundTripSeconds;
  }

  /** Seconds in which devices were busy, and what they did of training in them, over all nodes. */
  computed(): { readonly busySeconds: number; readonly trainingFlop: number } {
    const add = (sum: number, value: number): number => sum + value;
    return { busySeconds: this.busy.reduce(add, 0), trainingFlop: this.trainingFlop.reduce(add, 0) };
  }

  /** Adds up one number over all nodes. */
  sum(of: (totals: NodeTotals) => number): number {
    return this.totals.reduce((sum, totals) => sum + of(totals), 0);
  }

  /** Seconds that workers were there, up to `endSeconds`. */
  presentSeconds(endSeconds: number): number {
    return this.sum((totals) => presence(totals, endSeconds));
  }

  /** Seconds in which uplinks would be busy with what was sent, each at its full rate; NaN where a link is unknown. */
  transferSeconds(): number {
    return this.totals.reduce(
      (sum, totals, node) => sum + (this.busy[node] > 0 ? totals.sentBytes / uplinkOf(totals) : 0),
      0,
    );
  }

  /** Everybody but the coordinator. */
  table(endSeconds: number): Table {
    const rows = new RowTable({ name: "workers", version: 1, columns: workerColumns });
    this.totals.forEach((totals, node) => {
      if (node === 0) return;
      const present = presence(totals, endSeconds);
      rows.add([
        node,
        rows.code(this.groupOf(node)),
        rows.code(totals.publicKey),
        totals.stage,
        present,
        this.busy[node],
        Math.max(0, present - this.busy[node]),
        totals.committedFlop,
        totals.vainFlop,
        totals.microbatches,
        totals.sentBytes,
        totals.receivedBytes,
        totals.sentTensorBytes,
        totals.askedUplink,
        totals.measuredUplink,
        totals.askedLatency,
        totals.measuredRoundTrip,
      ]);
    });
    return rows.table();
  }
}

function doubled(before: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const after = new Float64Array(2 * before.length);
  after.set(before);
  return after;
}

const presence = ({ presentSince, presentSeconds }: NodeTotals, endSeconds: number): number =>
  presentSeconds + (presentSince >= 0 ? Math.max(0, endSeconds - presentSince) : 0);

/** What a link was measured to give, else what it was asked for. */
const uplinkOf = ({ measuredUplink, askedUplink }: NodeTotals): number =>
  measuredUplink > 0 ? measuredUplink : askedUplink;

const workerColumns = [
  { name: "node", unit: "", type: "int32" },
  { name: "group", unit: "", type: "string" },
  { name: "public-key", unit: "", type: "string" },
  { name: "stage", unit: "", type: "int32" },
  { name: "present", unit: "s", type: "float64" },
  { name: "busy", unit: "s", type: "float64" },
  { name: "idle", unit: "s", type: "float64" },
  { name: "flop-committed", unit: "FLOP", type: "float64" },
  { name: "flop-in-vain", unit: "FLOP", type: "float64" },
  { name: "microbatches", unit: "microbatch", type: "float64" },
  { name: "sent", unit: "B", type: "float64" },
  { name: "received", unit: "B", type: "float64" },
  { name: "sent-tensors", unit: "B", type: "float64" },
  { name: "asked-uplink", unit: "B/s", type: "float64" },
  { name: "measured-uplink", unit: "B/s", type: "float64" },
  { name: "asked-latency", unit: "s", type: "float64" },
  { name: "measured-round-trip", unit: "s", type: "float64" },
] as const;
