/** Permanent straggler: a share of the nodes is slower than the rest for good, each by a factor of its own. */
import { share } from "@shardlab/contracts";
import { z } from "zod";
import { createFactor, factorSpec } from "../factors/registry.ts";
import type { Fault, FaultContext } from "./fault.ts";

export const permanentStragglerSpec = z.strictObject({
  kind: z.literal("permanent-straggler"),
  share: share().prefault(0.1).describe("share of the nodes that are stragglers"),
  factor: factorSpec.prefault({ kind: "fixed-factor" }),
});
export type PermanentStragglerSpec = z.output<typeof permanentStragglerSpec>;

export function permanentStraggler(spec: PermanentStragglerSpec, context: FaultContext): Fault {
  const factor = createFactor(spec.factor);
  return {
    start: () => {},
    meet: (node) => {
      const stream = context.random("straggler", node);
      if (stream.bernoulli(spec.share)) context.report.setFactor(node, factor.draw(stream));
    },
    forget: (node) => context.report.setFactor(node, 1),
    groupOf: () => 0,
  };
}
