/** What a scenario says of models that differ in a quality which nobody sees before release. */
import { share } from "@shardlab/contracts";
import { z } from "zod";
import type { Contradiction } from "../contradiction.ts";

const noise = (what: string) =>
  z.number().min(0).max(20).describe(`${what}: standard deviation of its logarithm; 0 tells all`);

export const modelChoiceSpec = z
  .strictObject({
    qualitySpread: z
      .number()
      .min(0)
      .max(4)
      .default(0.5)
      .describe("standard deviation of the logarithm of quality across models, which everybody knows"),
    signalNoise: noise("error of what each provider sees of a model").default(1),
    publicNoise: noise("error of what all see of a model alike; nothing is seen unless given").optional(),
    socialWeight: share()
      .prefault(0)
      .describe("how far providers go by where the others' work went instead of by what they see themselves"),
    crowding: z
      .boolean()
      .default(true)
      .describe(
        "whether ownership is divided by the units that the present pace of work will create, instead of by the plan; " +
          "rational beliefs foresee the units anyway",
      ),
  })
  .describe("models of hidden quality, and what providers see of it");

export type ModelChoice = z.output<typeof modelChoiceSpec>;

/** Field of a model. */
export const qualityField = {
  quality: z
    .number()
    .positive()
    .max(1e3)
    .optional()
    .describe("with modelChoice: factor on revenue that nobody sees before release; drawn around 1 unless given"),
} as const;

/** Field of a group of providers. */
export const signalNoiseField = {
  signalNoise: noise("with modelChoice: error of what a provider of this group sees of a model").optional(),
} as const;

/** Fields that mean nothing without the section: where, and what is wrong. */
export function modelChoiceContradictions(spec: {
  readonly modelChoice?: unknown;
  readonly models: readonly { readonly quality?: number }[];
  readonly providers: readonly { readonly signalNoise?: number }[];
}): Contradiction[] {
  if (spec.modelChoice !== undefined) return [];
  const fault = (path: (string | number)[]) => ({
    path,
    message: `${path.at(-1)} without modelChoice (expected a section modelChoice)`,
  });
  return [
    ...spec.models.flatMap(({ quality }, index) =>
      quality === undefined ? [] : [fault(["models", index, "quality"])],
    ),
    ...spec.providers.flatMap(({ signalNoise }, index) =>
      signalNoise === undefined ? [] : [fault(["providers", index, "signalNoise"])],
    ),
  ];
}
