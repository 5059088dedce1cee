import type { Message, RoleHost } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { toySigner } from "../fixtures/toy-signer.ts";
import type { BoundaryMessage, ReceiptMessage, WorkerLayout } from "../messages.ts";
import { handoverLayout } from "../planning/layouts.ts";
import { faultToleranceSpec } from "../spec.ts";
import { Commitments } from "./commitments.ts";
import { WorkerContext } from "./worker-context.ts";

const tensor = { id: 1, shape: [4], digest: "d1", bytes: 16 };
const place = { update: 3, microbatch: 2, split: "training" as const, direction: "forward" as const };

/** Node 1 at stage 0 sends to node 2 at stage 1. */
function pair() {
  const sides = [1, 2].map((node) => {
    const sent: Message[] = [];
    const host = { node, send: (_to: number, message: Message) => sent.push(message) } as unknown as RoleHost;
    const context = new WorkerContext({ faultTolerance: faultToleranceSpec.parse({}), signer: toySigner(node) }, host);
    const other = 3 - node;
    const keys = [{ node: other, publicKey: toySigner(other).publicKey }];
    const layout: WorkerLayout = { ...handoverLayout(1, node - 1), keys };
    return { sent, commitments: new Commitments(context, layout, 3, 7) };
  });
  const [sender, receiver] = sides;
  const signature = sender.commitments.sign(2, place, tensor);
  const { update, microbatch, split } = place;
  const at = { span: 3, attempt: 7, update, microbatch, split };
  const message: BoundaryMessage = { kind: "activation", ...at, tensor, digest: tensor.digest, signature };
  return { sender, receiver, message };
}

describe("commitments", () => {
  it("are checked and countersigned, and the sender keeps the receipt", () => {
    const { sender, receiver, message } = pair();
    expect(receiver.commitments.check(1, message)).toBeUndefined();
    const [receipt] = receiver.sent as ReceiptMessage[];
    expect(receipt.kind).toBe("receipt");
    sender.commitments.receive(2, receipt);
    sender.commitments.receive(2, receipt);
    expect(sender.commitments.receipts).toEqual([
      { node: 2, text: "received|boundary||3|7|2|training|0|forward|d1", signature: receipt.signature },
    ]);
  });

  it.each([
    ["another digest in the tensor", { tensor: { ...tensor, digest: "d2" } }, "wrong digest: d2"],
    ["another digest in the message", { digest: "d2" }, "wrong signature"],
    ["another microbatch", { microbatch: 1 }, "wrong signature"],
    ["another update", { update: 4 }, "wrong signature"],
    ["another split", { split: "held-out" as const }, "wrong signature"],
    ["another direction", { kind: "activation-gradient" as const }, "wrong signature"],
    ["no signature", { signature: "" }, "wrong signature"],
  ])("fit nothing else: %s", (_, changes, fault) => {
    const { receiver, message } = pair();
    expect(receiver.commitments.check(1, { ...message, ...changes } as BoundaryMessage)).toContain(fault);
    expect(receiver.sent).toEqual([]);
  });

  it("name what both sides signed and saw, where bytes differ", () => {
    const { receiver, message } = pair();
    const fault = receiver.commitments.check(1, { ...message, tensor: { ...tensor, digest: "d2" } });
    for (const evidence of ["d2", "d1", message.signature]) expect(fault).toContain(evidence);
  });

  it("keep no receipt that was forged, or for what was not sent", () => {
    const { sender, receiver, message } = pair();
    receiver.commitments.check(1, message);
    const [receipt] = receiver.sent as ReceiptMessage[];
    sender.commitments.receive(2, { ...receipt, signature: "key-2:1" });
    sender.commitments.receive(2, { ...receipt, digest: "d2" });
    sender.commitments.receive(2, { ...receipt, microbatch: 0 });
    expect(sender.commitments.receipts).toEqual([]);
  });
});
