/**
 * Designer: works honestly for its own design while that is worth more than resting, and for nothing else.
 *
 * During a designers' exclusive period it is the only one who may: that is how a design earns its share (Pluralis Research, as in
 * footnote 4 of Variant, "Why (Good) AI Needs Crypto", 2025). Whether to enter with a design at all is decided before.
 */
import { optionOf, type Strategy, unknownName } from "@shardlab/contracts";
import { z } from "zod";
import { ownInterest } from "./reply.ts";

export const designerSpec = z.strictObject({
  kind: z.literal("designer"),
  model: z.string().min(1).max(100).describe("name of the model that it designs"),
});
export type DesignerSpec = z.output<typeof designerSpec>;

export const designer = ({ kind, model }: DesignerSpec): Strategy => ({
  kind,
  ...ownInterest,
  sees: ["offer"],
  begin: ({ models, attacks }) => {
    const own = models.indexOf(model);
    if (own < 0) throw new Error(unknownName("model", model, models));
    const option = optionOf(own, -1, attacks.length);
    return ({ rows, options, utilities }, choice) => {
      for (let row = 0; row < rows; row++) {
        const first = row * options;
        choice[row] = utilities[first + option] > utilities[first] ? option : 0;
      }
    };
  },
});
