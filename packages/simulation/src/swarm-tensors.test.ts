import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SwarmTensors } from "./swarm-tensors.ts";

describe("tensors", () => {
  it("are the bytes that were put, under their SHA-256", () => {
    const tensors = new SwarmTensors();
    const store = tensors.storeOf(3);
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const ref = store.put(bytes, [1]);
    expect(ref).toMatchObject({ shape: [1], bytes: 4, digest: createHash("sha256").update(bytes).digest("hex") });
    expect(store.bytesOf(ref)).toEqual(bytes);
    store.release(ref);
    expect(() => store.bytesOf(ref)).toThrow(`unknown tensor: ${ref.id}`);
    expect(() => store.release(ref)).toThrow(`unknown tensor: ${ref.id}`);
  });

  it("outlive their sender as the receiver's", () => {
    const tensors = new SwarmTensors();
    const sent = tensors.storeOf(1).put(Uint8Array.of(9), [1]);
    const received = tensors.copyFor(2, sent);
    expect(received.id).not.toBe(sent.id);
    tensors.releaseAllOf(1);
    expect(tensors.liveCount).toBe(1);
    expect(() => tensors.release(sent)).toThrow("unknown tensor");
    expect(tensors.storeOf(2).bytesOf(received)).toEqual(Uint8Array.of(9));
    tensors.release(received);
    expect(tensors.liveCount).toBe(0);
  });

  it("never have the id of one that is gone", () => {
    const tensors = new SwarmTensors();
    const ids = new Set<number>();
    for (let i = 0; i < 5000; i++) {
      const ref = tensors.putSize(i % 7, { bytes: 1e12, shape: [1], digest: "" });
      ids.add(ref.id);
      if (i % 3 !== 0) tensors.release(ref);
    }
    expect(ids.size).toBe(5000);
    for (let node = 0; node < 7; node++) tensors.releaseAllOf(node);
    expect(tensors.liveCount).toBe(0);
  });
});
