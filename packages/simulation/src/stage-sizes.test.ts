import { modelSpec, optimizerSpec } from "@shardlab/learning/spec";
import { describe, expect, it } from "vitest";
import { plainFloats } from "./fixtures/swarm-options.ts";
import { stageSizes } from "./stage-sizes.ts";

const width = 32;
const [vocabulary, context, microbatchSize] = [50, 16, 3];
const model = modelSpec.parse({ kind: "gpt", layers: 4, width, heads: 2, vocabulary, context });
const sizes = (changed: object = {}) =>
  stageSizes({
    ...{ model, microbatchSize, stages: 2, activations: plainFloats, gradients: plainFloats },
    optimizer: optimizerSpec.parse({ kind: "adam-w" }),
    ...changed,
  });

/** A block: two gains, and matrices of 3 and 1, and of 4 and 4 widths squared. */
const block = 2 * width + 12 * width * width;

describe("the sizes of stages", () => {
  it("are those of weights, gradients and two memories of AdamW", () => {
    const [first, last] = sizes();
    const parameters = [vocabulary * width + 2 * block, 2 * block + width + vocabulary * width];
    expect([first, last].map(({ memoryBytes }) => memoryBytes)).toEqual(parameters.map((count) => 16 * count));
    expect([first, last].map(({ snapshotBytes }) => snapshotBytes)).toEqual(parameters.map((count) => 12 * count));
    expect([first, last].map(({ gradientBytes }) => gradientBytes)).toEqual(parameters.map((count) => 4 * count));
  });

  it("have a boundary between stages alone, both ways", () => {
    const bytes = 4 * microbatchSize * context * width;
    const [first, last] = sizes();
    expect([first.activation.bytes, last.activation.bytes]).toEqual([bytes, 0]);
    expect([first.activationGradient.bytes, last.activationGradient.bytes]).toEqual([0, bytes]);
    expect(first.activation.shape).toEqual([microbatchSize * context, width]);
    expect(last.tokens).toBe(microbatchSize * context);
  });

  it("compute the forward pass anew where training says so", () => {
    const [plain] = sizes();
    const [anew] = sizes({ recompute: true });
    expect(anew.cost.backwardFlop).toBe(plain.cost.backwardFlop + plain.cost.forwardFlop);
  });

  it("describe tensors to compressors as real training does: names, roles and matrices", () => {
    const seen: string[] = [];
    const note = (kind: string) => ({
      encodedBytes: ({ name, role, shape }: { name: string; role: string; shape: readonly number[] }) => {
        seen.push(`${kind}: ${name} ${role} ${shape.join("x")}`);
        return 1;
      },
    });
    sizes({ activations: note("activations"), gradients: note("gradients") });
    expect(seen).toContain("activations: activation 0 activation 48x32");
    expect(seen).toContain("activations: activation-gradient 0 activation-gradient 48x32");
    expect(seen).toContain("gradients: blocks.1.attention.out gradient 32x32");
    // What is not a matrix is one row.
    expect(seen.filter((text) => text.endsWith("gradient 1x32")).length).toBe(2 * 4 + 1);
  });
});
