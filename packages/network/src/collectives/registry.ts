/** The all-reduces that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import { binomialTree, binomialTreeSpec } from "./binomial-tree.ts";
import type { Collective } from "./collective.ts";
import { directExchange, directExchangeSpec } from "./direct-exchange.ts";
import { moshpit, moshpitSpec } from "./moshpit.ts";
import { recursiveDoubling, recursiveDoublingSpec } from "./recursive-doubling.ts";
import { recursiveHalvingDoubling, recursiveHalvingDoublingSpec } from "./recursive-halving-doubling.ts";
import { ring, ringSpec } from "./ring.ts";

export const collectiveSpec = z.discriminatedUnion("kind", [
  binomialTreeSpec,
  directExchangeSpec,
  moshpitSpec,
  recursiveDoublingSpec,
  recursiveHalvingDoublingSpec,
  ringSpec,
]);
export type CollectiveSpec = z.output<typeof collectiveSpec>;
export type CollectiveKind = CollectiveSpec["kind"];

const factories: { [K in CollectiveKind]: (spec: Extract<CollectiveSpec, { kind: K }>) => Collective } = {
  "binomial-tree": binomialTree,
  "direct-exchange": directExchange,
  moshpit,
  "recursive-doubling": recursiveDoubling,
  "recursive-halving-doubling": recursiveHalvingDoubling,
  ring,
};

export const collectiveKinds = Object.keys(factories) as readonly CollectiveKind[];

/** Makes the all-reduce that `spec` describes. */
export function createCollective<K extends CollectiveKind>(spec: Extract<CollectiveSpec, { kind: K }>): Collective {
  const create: (spec: Extract<CollectiveSpec, { kind: K }>) => Collective = factories[spec.kind as K];
  return create(spec);
}
