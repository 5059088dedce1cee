/** The rule that a mechanism of one's own begins as: small, whole, and with every property. */
import type { MechanismNames } from "./mechanism-names.ts";

export const ruleSource = ({ kind, functionName, typeName, title }: MechanismNames): string => `/**
 * ${title}: a sponsor's outlay buys verified work at a fixed multiple of what such compute rents for, until it is spent.
 *
 * This is where the rule is explained: the idea, the formula, the source, what it leaves out.
 */
import {
  access,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  mechanismProperties,
  type Offer,
  type Settlement,
  type Situation,
} from "@shardlab/contracts";
import { emptyOffer } from "@shardlab/mechanisms/offer";
import { outlayMicros } from "@shardlab/mechanisms/outlay-terms";
import { payPerUnit, treasuryTransfer } from "@shardlab/mechanisms/payout";
import { z } from "zod";

export const ${functionName}Spec = z.strictObject({
  kind: z.literal("${kind}"),
  price: z.number().positive().max(100).default(1.2).describe("paid for work, in rental market prices"),
});
export type ${typeName}Spec = z.output<typeof ${functionName}Spec>;

interface State {
  readonly context: MechanismContext;
  /** Left to pay with, micro-dollars per model. */
  readonly budgetMicros: Float64Array;
}

export function ${functionName}({ kind, price }: ${typeName}Spec): Mechanism<State> {
  return {
    kind,
    claims: mechanismProperties,
    open: (context) => {
      const budgetMicros = outlayMicros(context, context.outlayDollars);
      const postings = treasuryTransfer(context, "outlay", { from: context.sponsor, micros: budgetMicros });
      return { state: { context, budgetMicros }, postings };
    },
    quote: (state, situation) => quote(price, state, situation),
    settle,
  };
}

/** What a unit of work for each model gets in this epoch. Nothing else is offered. */
function quote(price: number, { budgetMicros }: State, { training, marketPricePerWork }: Situation): Offer {
  const offer = emptyOffer(budgetMicros.length);
  for (let model = 0; model < budgetMicros.length; model++) {
    if (training[model] === 0 || budgetMicros[model] < 1) continue;
    offer.access[model] = access.open;
    offer.cashPerWork[model] = price * marketPricePerWork;
  }
  return offer;
}

/** Pays what was offered, everybody the same share where the budget falls short; revenue goes to the designer. */
function settle({ context, budgetMicros }: State, { work, offer, revenueMicros }: EpochBatch): Settlement<State> {
  const pay = payPerUnit(context, "pay for work", { deliveries: work, rate: offer.cashPerWork, budgetMicros });
  const revenue = treasuryTransfer(context, "revenue of the designer", { to: "designer", micros: revenueMicros });
  return { state: { context, budgetMicros: pay.leftMicros }, postings: [...revenue, ...pay.postings] };
}
`;
