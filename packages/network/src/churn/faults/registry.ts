/** The faults that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import type { Fault, FaultContext } from "./fault.ts";
import { partition, partitionSpec } from "./partition.ts";
import { permanentStraggler, permanentStragglerSpec } from "./permanent-straggler.ts";
import { temporaryStraggler, temporaryStragglerSpec } from "./temporary-straggler.ts";

export const faultSpec = z.discriminatedUnion("kind", [partitionSpec, permanentStragglerSpec, temporaryStragglerSpec]);
export type FaultSpec = z.output<typeof faultSpec>;
export type FaultKind = FaultSpec["kind"];

const factories: { [K in FaultKind]: (spec: Extract<FaultSpec, { kind: K }>, context: FaultContext) => Fault } = {
  partition,
  "permanent-straggler": permanentStraggler,
  "temporary-straggler": temporaryStraggler,
};

export const faultKinds = Object.keys(factories) as readonly FaultKind[];

/** Makes the fault that `spec` describes. */
export function createFault<K extends FaultKind>(spec: Extract<FaultSpec, { kind: K }>, context: FaultContext): Fault {
  const create: (spec: Extract<FaultSpec, { kind: K }>, context: FaultContext) => Fault = factories[spec.kind as K];
  return create(spec, context);
}
