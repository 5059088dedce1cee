/** The stages that a scenario asks for. */
import { modelChoice } from "./choice/model-choice.ts";
import { reinvestment } from "./compounding/reinvestment.ts";
import { crossing } from "./crossing/crossing.ts";
import { designs } from "./designs/designs.ts";
import type { Extension } from "./extension.ts";
import { expectationsFall } from "./fall/expectations-fall.ts";
import { leaks } from "./leaks/leaks.ts";
import { computeMarket } from "./markets/compute-market.ts";
import { loans } from "./markets/loans.ts";
import { ownershipMarket } from "./markets/ownership-market.ts";
import type { StageFactory } from "./path-state.ts";
import { search } from "./search/search.ts";
import type { EconomySpec } from "./spec.ts";

/** Every extension, in the order in which their stages act within an epoch. */
const extensions: readonly Extension[] = [
  search,
  designs,
  modelChoice,
  reinvestment,
  computeMarket,
  ownershipMarket,
  loans,
  crossing,
  expectationsFall,
  leaks,
];

/** Extensions that the scenario has a section for; none by default. */
export function extensionsOf(spec: EconomySpec): Extension[] {
  return extensions.filter((extension) => extension.isAskedFor(spec));
}

/** Stages in the order in which they act within an epoch; none unless the scenario has a section for them. */
export function stagesOf(spec: EconomySpec): StageFactory[] {
  return extensionsOf(spec).map(({ create }) => create);
}
