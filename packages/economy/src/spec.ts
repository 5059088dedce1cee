/** What a scenario says to the economy: population, models, market, beliefs. Everything in the resolved form is SI. */
import { count, quantity, share } from "@shardlab/contracts";
import { deviceKinds } from "@shardlab/devices";
import { z } from "zod";
import {
  modelChoiceContradictions,
  modelChoiceSpec,
  qualityField,
  signalNoiseField,
} from "./choice/model-choice-spec.ts";
import { reinvestField } from "./compounding/reinvestment-spec.ts";
import { conductContradictions } from "./conduct/conduct-contradictions.ts";
import { conductFields, groupConductFields } from "./conduct/conduct-spec.ts";
import type { Contradiction } from "./contradiction.ts";
import { crossingSpec } from "./crossing/crossing-spec.ts";
import { designsSpec } from "./designs/designs-spec.ts";
import { optimismEndFields, shockField } from "./fall/fall-spec.ts";
import { horizonContradictions } from "./horizon-contradictions.ts";
import { leakContradictions, leakRiskSpec } from "./leaks/leak-risk-spec.ts";
import { leakField, marketContradictions, marketFields } from "./markets/markets-spec.ts";
import { scalingLawKinds } from "./scaling-law.ts";
import { searchContradictions, searchSpec } from "./search/search-spec.ts";
import { linkKinds } from "./tables/links.ts";
import { regionKinds } from "./tables/regions.ts";

const spread = (what: string) =>
  z.number().min(0).max(4).default(0).describe(`${what}: standard deviation of its logarithm across the group`);

/** A group of compute providers who differ by log-normal draws around the values given (medians). */
export const providerGroupSpec = z
  .strictObject({
    group: z.string().min(1).max(40),
    count: count({ min: 1, max: 1e6, isWhole: true }),
    device: z.enum(deviceKinds),
    devices: z.number().positive().max(1e6).default(1).describe("devices of one provider"),
    devicesSpread: spread("devices"),
    link: z.enum(linkKinds).default("cable"),
    region: z.enum(regionKinds).default("united-states"),
    availability: share().prefault(0.9).describe("share of the time that a device is reachable"),
    opportunity: share({ max: 2 }).prefault(0.5).describe("what the device would earn otherwise, in rental prices"),
    opportunitySpread: spread("opportunity"),
    upkeep: quantity("moneyRate", { min: "$0/h" })
      .prefault("$0.01/h")
      .describe("wear and attention, for a device at work"),
    warmGlow: quantity("moneyRate", { min: "$0/h" })
      .prefault("$0/h")
      .describe("what giving is worth, for a device at work"),
    warmGlowSpread: spread("warm glow"),
    discountRate: quantity("annualRate", { min: "0 %/y", max: "500 %/y" }).prefault("15 %/y"),
    discountRateSpread: spread("discount rate"),
    riskAversion: z.number().min(0).max(50).default(2).describe("relative risk aversion"),
    wealth: quantity("money", { min: "$0" }).prefault("$20k").describe("of one provider, for each device"),
    wealthSpread: spread("wealth"),
    optimism: spread("belief about revenue"),
    designerOf: z.string().optional().describe("name of the model whose designers these are"),
    ...signalNoiseField,
    ...groupConductFields,
  })
  .describe("compute providers");

export const dataProviderGroupSpec = z
  .strictObject({
    group: z.string().min(1).max(40),
    count: count({ min: 1, max: 1e6, isWhole: true }),
    tokens: count({ min: 1 }).describe("training tokens that one provider can deliver"),
    tokensSpread: spread("tokens"),
    quality: share({ max: 4 }).prefault(1).describe("worth of a token against one of the public text"),
    reservation: quantity("tokenPrice", { min: "$0/token" })
      .prefault("$1/Mtoken")
      .describe("least accepted for a token"),
    reservationSpread: spread("reservation price"),
    warmGlow: share({ max: 1 }).prefault(0).describe("share of the reservation price waived for an open project"),
    discountRate: quantity("annualRate", { min: "0 %/y", max: "500 %/y" }).prefault("15 %/y"),
    riskAversion: z.number().min(0).max(50).default(2),
    wealth: quantity("money", { min: "$0" }).prefault("$100k"),
  })
  .describe("data providers");

export const modelSpec = z
  .strictObject({
    name: z.string().min(1).max(40),
    parameters: count({ min: 1e3 }),
    activeParameters: count({ min: 1e3 }).optional().describe("parameters used for a token; all of them unless given"),
    targetTokens: count({ min: 1 }).describe("at which the model is first released"),
    maximumTokens: count({ min: 1 }).optional().describe("at which training ends; the target unless given"),
    publicTokens: count({ min: 1 }).describe("distinct training tokens that are free for everybody"),
    recomputation: z
      .boolean()
      .default(true)
      .describe("whether activations are recomputed: 8 instead of 6 FLOP per token and parameter"),
    plannedTraining: quantity("duration", { min: "1 d" })
      .prefault("180 d")
      .describe("training time that the designers announce"),
    deadline: quantity("duration", { min: "1 d" }).prefault("540 d").describe("when the model is released as it is"),
    releaseEvery: quantity("duration", { min: "1 d" }).prefault("90 d").describe("between releases after the first"),
    hazard: quantity("annualRate", { min: "0 %/y" })
      .prefault("20 %/y")
      .describe("chance a year that the project ends worthless"),
    ...qualityField,
  })
  .describe("a model and its designers' plan");

export const trainingSpec = z
  .strictObject({
    utilization: share({ min: 0.01 }).prefault(0.4).describe("model FLOP utilisation of a device that never waits"),
    communication: quantity("communicationIntensity", { min: "0 MB/TFLOP" })
      .prefault("0.11 MB/TFLOP")
      .describe("bytes a worker sends per unit of compute"),
    churnLoss: share().prefault(0.05).describe("work lost to providers who leave"),
    badWork: share().prefault(0.02).describe("work that is done but does not train"),
  })
  .describe("how compute turns into training");

export const marketSpec = z
  .strictObject({
    spending: quantity("moneyRate", { above: "$0/y" })
      .optional()
      .describe("all spending on inference of this kind, at the start"),
    revenueMultiple: z
      .number()
      .positive()
      .max(1e4)
      .optional()
      .describe("instead of spending: present value of the first model's revenue, planned, in outlays"),
    valueLaw: z
      .strictObject({
        coefficient: quantity("money", { above: "$0" }).describe("revenue over the service life after one ZFLOP"),
        elasticity: z.number().min(0).max(5),
      })
      .optional()
      .describe(
        "instead of demand: revenue is coefficient x compute ^ elasticity, spread evenly over the service life",
      ),
    growth: quantity("annualRate").prefault("30 %/y").describe("continuous growth of spending"),
    qualitySensitivity: z.number().min(0).max(200).default(12).describe("utility of a nat of loss"),
    priceElasticity: z.number().positive().max(20).default(1.5).describe("utility of the logarithm of price"),
    outsideAppeal: z.number().min(-20).max(20).default(-1).describe("utility of doing without"),
    competitorLoss: z.number().positive().max(20).default(1.95).describe("loss of the closed competitor at the start"),
    competitorImprovement: z
      .number()
      .min(0)
      .max(5)
      .default(0.04)
      .describe("nats a year by which the competitor's loss falls"),
    competitorPrice: quantity("tokenPrice", { above: "$0/token" }).prefault("$2/Mtoken"),
    freeLoss: z
      .number()
      .positive()
      .max(20)
      .default(2.05)
      .describe("loss of the best model that everybody has for nothing"),
    servingUtilization: share({ min: 0.001 }).prefault(0.2).describe("share of peak FLOP/s that serving reaches"),
    revenueUncertainty: z
      .number()
      .min(0)
      .max(3)
      .default(0.6)
      .describe("standard deviation of the logarithm of revenue"),
    serviceLife: quantity("duration", { min: "1 d" }).prefault("2 y").describe("after the first release"),
    ...leakField,
  })
  .refine(
    (market) =>
      [market.spending, market.revenueMultiple, market.valueLaw].filter((law) => law !== undefined).length === 1,
    {
      error: "expected exactly one of spending, revenueMultiple and valueLaw",
      path: ["spending"],
    },
  )
  .describe("demand for inference");

const rationalSpec = z.strictObject({
  kind: z.literal("rational"),
  start: z
    .enum(["prospectus", "pessimism"])
    .default("prospectus")
    .describe("where the search for the fixed point starts"),
  tolerance: z.number().min(1e-6).max(0.5).default(0.02).describe("largest gap between forecast and outcome, relative"),
  iterations: z.number().int().min(1).max(100).default(18),
  ...shockField,
});
const adaptiveSpec = z.strictObject({
  kind: z.literal("adaptive"),
  gain: share({ min: 0.0001 })
    .prefault(0.05)
    .describe("share of the forecast error that is corrected at each revision"),
  ...shockField,
});
const optimisticSpec = z.strictObject({
  kind: z.literal("optimistic"),
  factor: z.number().positive().max(1e3).default(2).describe("belief about revenue, in what the prospectus promises"),
  ...optimismEndFields,
});
export const beliefsSpec = z.discriminatedUnion("kind", [adaptiveSpec, optimisticSpec, rationalSpec]);

export const participationSpec = z
  .strictObject({
    revision: quantity("duration", { min: "1 d" }).prefault("7 d").describe("between two decisions of a provider"),
    temperature: z
      .number()
      .min(0)
      .max(100)
      .default(0.05)
      .describe("noise of a decision, in daily rental values of what the provider owns; 0 is perfect rationality"),
    inertia: share().prefault(0).describe("chance that a provider does not reconsider; 1 freezes everybody"),
    ...reinvestField,
  })
  .describe("how providers join, stay, switch and leave");

/** The part of a scenario that the economy reads. */
export const economyFields = {
  horizon: quantity("duration", { min: "1 d", max: "30 y" }).prefault("3 y"),
  outlay: quantity("money", { min: "$0" }).describe("expected spending that every institution is matched on"),
  sponsorDiscount: quantity("annualRate", { min: "0 %/y" })
    .prefault("5 %/y")
    .describe("rate of the institution that spends"),
  providers: z.array(providerGroupSpec).min(1).max(200),
  data: z.array(dataProviderGroupSpec).max(200).default([]),
  models: z.array(modelSpec).min(1).max(50),
  scalingLaw: z.enum(scalingLawKinds).default("chinchilla-refit"),
  training: trainingSpec.prefault({}),
  market: marketSpec,
  participation: participationSpec.prefault({}),
  shocks: z
    .enum(["drawn", "expected"])
    .default("drawn")
    .describe("whether projects fail and revenue varies by chance, or every project lives and earns what was expected"),
  beliefs: beliefsSpec.prefault({ kind: "rational" }),
  crossing: crossingSpec.optional(),
  ...conductFields,
  modelChoice: modelChoiceSpec.optional(),
  designs: designsSpec.optional(),
  search: searchSpec.optional(),
  leakRisk: leakRiskSpec.optional(),
  ...marketFields,
} as const;

export const economySpec = z.object(economyFields);
export type EconomySpec = z.output<typeof economySpec>;
export type ProviderGroup = z.output<typeof providerGroupSpec>;
export type DataProviderGroup = z.output<typeof dataProviderGroupSpec>;
export type ModelPlan = z.output<typeof modelSpec>;
export type Market = z.output<typeof marketSpec>;
export type BeliefsSpec = z.output<typeof beliefsSpec>;

/** Values that contradict one another across fields: where, and what is wrong. */
export function economyContradictions(spec: EconomySpec): Contradiction[] {
  const faults: Contradiction[] = [];
  const repeated = (list: readonly string[], key: (index: number) => (string | number)[], noun: string) => {
    for (const [index, name] of list.entries()) {
      if (list.indexOf(name) < index) faults.push({ path: key(index), message: `duplicate ${noun}: ${name}` });
    }
  };
  repeated(
    spec.models.map((model) => model.name),
    (i) => ["models", i, "name"],
    "model",
  );
  repeated(
    spec.providers.map((group) => group.group),
    (i) => ["providers", i, "group"],
    "group",
  );
  repeated(
    spec.data.map((group) => group.group),
    (i) => ["data", i, "group"],
    "group",
  );
  for (const [i, group] of spec.providers.entries()) {
    if (group.designerOf !== undefined && !spec.models.some((model) => model.name === group.designerOf)) {
      const names = spec.models.map((model) => model.name).join(", ");
      faults.push({
        path: ["providers", i, "designerOf"],
        message: `unknown model: ${group.designerOf} (expected ${names})`,
      });
    }
  }
  for (const [i, model] of spec.models.entries()) {
    if (model.activeParameters !== undefined && model.activeParameters > model.parameters) {
      faults.push({ path: ["models", i, "activeParameters"], message: "more active parameters than parameters" });
    }
    if (model.maximumTokens !== undefined && model.maximumTokens < model.targetTokens) {
      faults.push({ path: ["models", i, "maximumTokens"], message: "smaller than targetTokens" });
    }
  }
  faults.push(...modelChoiceContradictions(spec), ...marketContradictions(spec));
  faults.push(...conductContradictions(spec), ...leakContradictions(spec));
  faults.push(...horizonContradictions(spec), ...searchContradictions(spec));
  const people = spec.providers.reduce((sum, group) => sum + group.count, 0);
  if (people > 1e6)
    faults.push({ path: ["providers"], message: `too many providers: ${people} (expected at most 1000000)` });
  return faults;
}
