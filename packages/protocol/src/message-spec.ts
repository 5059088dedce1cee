/** What a message from a socket must look like before a role sees it. */
import { collectiveSpec } from "@shardlab/network";
import { z } from "zod";
import { waitingKinds } from "./messages.ts";
import { workerDuties } from "./settings.ts";
import { directions } from "./signing.ts";

const maximumNodes = 1e6;
const maximumList = 65_536;
const maximumText = 4096;

const version = z.number().int().min(0).max(1e9);
const orNone = z.number().int().min(-1).max(1e9);
const counter = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const node = z.number().int().min(0).max(maximumNodes);
const stage = z.number().int().min(0).max(1023);
const microbatch = z
  .number()
  .int()
  .min(0)
  .max(maximumList - 1);
const amount = z.number().min(0);
const text = z.string().max(maximumText);
const nodes = z.array(node).max(maximumList);
const microbatches = z.array(microbatch).max(maximumList);
const split = z.enum(["training", "held-out"]);

export const tensorRefSpec = z.strictObject({
  id: counter,
  shape: z.array(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)).max(8),
  digest: z.string().max(128),
  bytes: counter,
});

const heldShard = z
  .strictObject({ stage, version, attempt: counter, readySpan: orNone, readyAttempt: orNone })
  .nullable();

const checkpointFields = { stage, version, attempt: counter, bytes: counter };
const checkpoint = z.strictObject(checkpointFields);

const attemptFields = { span: version, attempt: counter };
const updateFields = { ...attemptFields, update: version };

const rules = z.strictObject({
  run: text,
  stages: z.number().int().min(1).max(1024),
  microbatches: z.number().int().min(1).max(maximumList),
  schedule: z.enum(["gpipe", "one-forward-one-backward", "asynchronous"]),
  ahead: z.number().int().min(1).max(1000),
  reduction: collectiveSpec,
  gradientExchange: z.enum(["reduce", "whole-encodings"]),
  digestEvery: z.number().int().min(1).max(1e6),
});

const waiting = z
  .strictObject({
    node,
    what: z.enum(waitingKinds),
    item: counter,
    update: version,
    seconds: amount,
  })
  .nullable();

const layout = z.strictObject({
  id: counter,
  stage,
  group: nodes,
  microbatches,
  previous: nodes,
  next: nodes,
  evaluationMicrobatches: microbatches,
  evaluationPrevious: nodes,
  evaluationNext: nodes,
  tiedTo: nodes,
  tiedFrom: z.number().int().min(-1).max(maximumNodes),
  keys: z.array(z.strictObject({ node, publicKey: text })).max(maximumList),
  verifiers: nodes,
});

// Losses and norms may be anything that a diverging model yields; JSON turns what is not finite into null.
const anyNumber = z
  .union([
    z.number(),
    z.nan(),
    z.literal(Number.POSITIVE_INFINITY),
    z.literal(Number.NEGATIVE_INFINITY),
    z.null().transform(() => Number.NaN),
  ])
  .describe("a number, or null for not-a-number");

const decision = z.strictObject({ ...attemptFields, updates: version, squaredNorm: anyNumber }).nullable();

const source = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("held") }),
  z.strictObject({ from: z.literal("initial") }),
  z.strictObject({ from: z.literal("checkpoint") }),
  z.strictObject({ from: z.literal("peer"), node }),
]);

const losses = z.array(anyNumber).max(maximumList);
const report = z.strictObject({ losses, tokens: amount, squaredNorm: anyNumber, flop: amount });

const boundaryFields = { ...updateFields, microbatch, split, digest: z.string().max(128), signature: text };

/** Every kind of message, with bounds; a socket's bytes become a message only through it. */
export const messageSpec = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("join"),
    sequence: counter,
    duty: z.enum(workerDuties),
    publicKey: text,
    held: heldShard,
    checkpoints: z.array(checkpoint).max(1024),
  }),
  z.strictObject({ kind: z.literal("welcome"), rules }),
  z.strictObject({ kind: z.literal("join-again") }),
  z.strictObject({ kind: z.literal("pulse") }),
  z.strictObject({
    kind: z.literal("alive"),
    sequence: counter,
    held: heldShard,
    ...attemptFields,
    forwards: counter,
    backwards: counter,
    synchronised: counter,
    steps: counter,
    waiting,
    checkpoint: checkpoint.nullable(),
    isLeaving: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("plan"),
    ...attemptFields,
    updates: version,
    decision,
    layoutId: counter,
    layout: layout.optional(),
    source,
    serve: nodes,
    serveStage: z.number().int().min(-1).max(1023),
    checkpoint: z.boolean(),
    evaluation: z.boolean(),
  }),
  z.strictObject({ kind: z.enum(["activation", "activation-gradient"]), ...boundaryFields, tensor: tensorRefSpec }),
  z.strictObject({ kind: z.literal("receipt"), ...boundaryFields, direction: z.enum(directions) }),
  z.strictObject({ kind: z.literal("reduction"), ...updateFields, step: counter, tensor: tensorRefSpec }),
  z.strictObject({ kind: z.enum(["encoding", "tied"]), ...updateFields, tensor: tensorRefSpec }),
  z.strictObject({ kind: z.literal("snapshot"), ...attemptFields, stage, tensor: tensorRefSpec }),
  z.strictObject({
    kind: z.literal("ready"),
    sequence: counter,
    ...attemptFields,
    reports: z.array(report).max(1e6),
    evaluationLosses: losses,
    evaluationTokens: amount,
    passSeconds: amount,
    passFlop: amount,
  }),
  z.strictObject({ kind: z.literal("abandoned"), ...attemptFields, stage, microbatches: counter, flop: amount }),
  z.strictObject({ kind: z.literal("checkpointed"), ...checkpointFields }),
  z.strictObject({
    kind: z.literal("failed"),
    sequence: counter,
    ...attemptFields,
    task: text,
    reason: text,
    held: heldShard,
  }),
  z.strictObject({ kind: z.literal("blame"), ...attemptFields, node, reason: text }),
  z.strictObject({ kind: z.literal("dismiss") }),
  z.strictObject({ kind: z.literal("end"), reason: text }),
  z.strictObject({ kind: z.literal("left") }),
]);
