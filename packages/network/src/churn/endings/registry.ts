/** The ways to end a session that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import { crash, crashSpec } from "./crash.ts";
import { departure, departureSpec } from "./departure.ts";
import type { Ending } from "./ending.ts";

export const endingSpec = z.discriminatedUnion("kind", [crashSpec, departureSpec]);
export type EndingSpec = z.output<typeof endingSpec>;
export type EndingKind = EndingSpec["kind"];

const factories: { [K in EndingKind]: (spec: Extract<EndingSpec, { kind: K }>) => Ending } = { crash, departure };

export const endingKinds = Object.keys(factories) as readonly EndingKind[];

/** Makes the ending that `spec` describes. */
export function createEnding<K extends EndingKind>(spec: Extract<EndingSpec, { kind: K }>): Ending {
  const create: (spec: Extract<EndingSpec, { kind: K }>) => Ending = factories[spec.kind as K];
  return create(spec);
}
