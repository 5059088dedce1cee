/** Specifications of mechanisms, for suites that run over the registry. */
import type { Mechanism } from "@shardlab/contracts";
import { createMechanism, type MechanismKind, mechanismSpec } from "@shardlab/mechanisms";
import type { z } from "zod";

/** Makes the mechanism that `input` describes, which is read once: suites make it anew for every world. */
export function makerOf(input: unknown): () => Mechanism {
  const spec = mechanismSpec.parse(input);
  return () => createMechanism(spec);
}

/** The specification of one kind. */
export function specOf(kind: MechanismKind): z.ZodObject {
  const { options } = mechanismSpec as unknown as { readonly options: readonly z.ZodObject[] };
  const option = options.find(({ shape }) => (shape.kind as z.ZodLiteral).value === kind);
  if (option === undefined) throw new Error(`no specification: ${kind}`);
  return option;
}
