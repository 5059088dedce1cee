import { describe, expect, it } from "vitest";
import { messageSpec } from "./message-spec.ts";
import type { ProtocolMessage } from "./messages.ts";

const tensor = { id: 3, shape: [2, 2], digest: "ab", bytes: 16 };
const at = { span: 1, attempt: 2, update: 1 };

const good: readonly ProtocolMessage[] = [
  { kind: "join-again" },
  { kind: "checkpointed", stage: 1, version: 2, attempt: 1, bytes: 10 },
  { kind: "activation", ...at, microbatch: 0, split: "training", tensor, digest: "ab", signature: "" },
  { kind: "reduction", ...at, step: 4, tensor },
];

describe("messageSpec", () => {
  it.each(good)("accepts $kind", (message) => {
    expect(messageSpec.parse(message)).toEqual(message);
  });
  it.each([
    ["an unknown kind", { kind: "give-me-your-weights" }],
    ["a field that is none of its own", { kind: "pulse", extra: 1 }],
    ["a tensor where none belongs", { kind: "pulse", tensor }],
    ["no tensor where one belongs", { kind: "reduction", ...at, step: 4 }],
    ["a step that is no number", { kind: "reduction", ...at, step: "4", tensor }],
    ["a negative microbatch", { ...good[2], microbatch: -1 }],
    ["a version with a fraction", { kind: "checkpointed", stage: 1, version: 2.5, attempt: 1, bytes: 10 }],
    ["a stage beyond all bounds", { kind: "checkpointed", stage: 1e9, version: 2, attempt: 1, bytes: 10 }],
    ["a text beyond all bounds", { kind: "end", reason: "x".repeat(5000) }],
    ["a list beyond all bounds", { kind: "ready", reports: new Array(2e6).fill(0) }],
  ])("refuses %s", (_, message) => {
    expect(messageSpec.safeParse(message).success).toBe(false);
  });
  it("reads what JSON makes of a loss that is no number", () => {
    const report = { losses: [Number.NaN], tokens: 1, squaredNorm: Number.POSITIVE_INFINITY, flop: 1 };
    const evaluation = { evaluationLosses: [], evaluationTokens: 0, passSeconds: 0, passFlop: 0 };
    const ready = { kind: "ready", sequence: 0, span: 0, attempt: 1, reports: [report], ...evaluation };
    const read = messageSpec.parse(JSON.parse(JSON.stringify(ready)));
    expect(read).toMatchObject({ reports: [{ losses: [Number.NaN], squaredNorm: Number.NaN }] });
  });
});
