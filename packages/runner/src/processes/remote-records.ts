/** Records that workers of other machines send to the coordinator. */
import type { TrainingRecord } from "@shardlab/contracts";
import { z } from "zod";

type RemoteRecord = Extract<TrainingRecord, { readonly kind: "task" | "weights" | "traffic" | "link" }>;

const amount = z.number().min(0);
const node = z.number().int().min(0);
const taskKinds = [
  "open",
  "close",
  "forward",
  "backward",
  "reduce-export",
  "reduce-import",
  "gradient-encode",
  "gradient-decode",
  "tied-export",
  "tied-import",
  "gradient-norm",
  "apply",
  "mark",
  "discard",
  "snapshot",
  "checkpoint",
] as const;

/** Typed, so that a record that grows does not compile here. */
const remoteRecord: z.ZodType<RemoteRecord> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("task"),
    node,
    task: z.enum(taskKinds),
    stage: z.number().int().min(-1),
    update: z.number().int().min(-1),
    microbatch: z.number().int().min(-1),
    split: z.enum(["training", "held-out"]).exactOptional(),
    startSeconds: z.number(),
    endSeconds: z.number(),
    flop: amount,
  }),
  z.strictObject({
    kind: z.literal("weights"),
    update: z.number().int().min(0),
    attempt: z.number().int().min(0).exactOptional(),
    stage: z.number().int().min(0),
    node,
    digest: z.string().max(128),
  }),
  z.strictObject({
    kind: z.literal("traffic"),
    node,
    sentBytes: amount,
    receivedBytes: amount,
    sentTensorBytes: amount,
  }),
  z.strictObject({
    kind: z.literal("link"),
    node,
    askedUplinkBytesPerSecond: amount,
    measuredUplinkBytesPerSecond: amount,
    askedLatencySeconds: amount,
    measuredRoundTripSeconds: amount,
  }),
]);

/** At most as many as a buffer sends at once. */
export const remoteRecordsSpec = z
  .array(z.strictObject({ seconds: z.number(), by: node, record: remoteRecord }))
  .max(1000);
