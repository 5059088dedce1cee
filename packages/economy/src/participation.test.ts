import { access, type Offer } from "@shardlab/contracts";
import { emptyOffer } from "@shardlab/mechanisms/offer";
import { createStreams } from "@shardlab/random";
import { describe, expect, test } from "vitest";
import { buildDataPopulation } from "./data-population.ts";
import { type EconomyInput, economyWith, modelWith } from "./fixtures/small-economy.ts";
import {
  choiceDraws,
  type DecisionRule,
  deliveryRows,
  emptyParticipation,
  reviseDataProviders,
  reviseProviders,
  revisionScratch,
} from "./participation.ts";
import { buildPopulation, type Population } from "./population.ts";
import type { Beliefs } from "./valuation.ts";

const rule: DecisionRule = { revisionEpochs: 1, temperature: 0, inertia: 0, revenueVariance: 0 };
const plain: EconomyInput["providers"][number] = { group: "homes", count: 1, device: "rtx-4090", availability: 1 };

interface Round {
  readonly groups: EconomyInput["providers"];
  readonly data?: EconomyInput["data"];
  readonly models?: number;
  readonly offer: (offer: Offer, population: Population) => void;
  readonly rule?: Partial<DecisionRule>;
  /** Dollars that a unit of any model's ownership is believed to be worth. */
  readonly unitValue?: number;
  /** Units held of each model by everybody. */
  readonly held?: number;
  readonly before?: number;
  readonly rounds?: number;
}

/** Lets everybody decide once (or `rounds` times) on fresh draws. */
function decide(round: Round) {
  const models = round.models ?? 1;
  const spec = economyWith({
    providers: round.groups,
    data: round.data ?? [],
    models: Array.from({ length: models }, (_, index) => modelWith({ name: `model-${index}` })),
  });
  const streams = createStreams(9);
  const population = buildPopulation(spec, streams, round.rule?.revisionEpochs ?? 1);
  const data = buildDataPopulation(spec, streams);
  const participation = emptyParticipation(population, data, models);
  if (round.before !== undefined) participation.choice.fill(round.before);
  const offer = emptyOffer(models);
  round.offer(offer, population);
  const classes = population.discountRates.length;
  const beliefs: Beliefs = {
    kind: "given",
    revise: () => {},
    unitValue: new Float64Array(models * classes).fill(round.unitValue ?? 0),
    dataUnitValue: new Float64Array(models).fill(round.unitValue ?? 0),
    expectedValue: new Float64Array(models),
  };
  const scratch = revisionScratch(models);
  for (let model = 0; model < models; model++)
    scratch.holdings.push(new Float64Array(population.count).fill(round.held ?? 0));
  scratch.cash = population.wealthMicros;
  scratch.cashHigh = new Int32Array(population.count);
  const fullRule = { ...rule, ...round.rule };
  const rounds = round.rounds ?? 1;
  const draws = choiceDraws(population, streams, rounds);
  for (let epoch = 0; epoch < rounds; epoch++) {
    const turn = Math.floor(epoch / fullRule.revisionEpochs);
    reviseProviders(population, beliefs, offer, fullRule, draws(turn), epoch, participation, scratch);
  }
  const deliveries = deliveryRows(data.count);
  const decideOnData = () =>
    reviseDataProviders(data, beliefs, offer, fullRule, participation, population.count, deliveries);
  return { choice: participation.choice, population, data, deliveries, decideOnData };
}

/** Pays each provider `dollars` a day on top of what makes it indifferent. */
const paying =
  (dollars: number, model = 0) =>
  (offer: Offer, population: Population) => {
    offer.access[model] = access.open;
    const wanted = population.runningCost[0] + population.opportunity[0] + dollars;
    offer.cashPerWork[model] = wanted / population.workPerEpoch[0];
  };

const shareOf = (choice: Int32Array, option: number) =>
  choice.reduce((sum, chosen) => sum + (chosen === option ? 1 : 0), 0) / choice.length;

describe("the logit", () => {
  const many = [{ ...plain, count: 40_000 }];
  const standardErrors = (observed: number, p: number) =>
    Math.abs(observed - p) / Math.sqrt((p * (1 - p)) / many[0].count);

  test.each([-0.4, 0, 0.3, 1.5])("brings as many as the closed form at $%d a day above indifference", (dollars) => {
    const { choice } = decide({ groups: many, offer: paying(dollars), rule: { temperature: 0.05 } });
    // The rental value of a 4090 that is always reachable is 24 x $0.40.
    const expected = 1 / (1 + Math.exp(-dollars / 9.6 / 0.05));
    expect(standardErrors(shareOf(choice, 0), expected)).toBeLessThan(4);
  });

  test("splits people over models as exp(utility / temperature)", () => {
    const payments = [0.2, -0.1, 0.4];
    const { choice } = decide({
      groups: many,
      models: 3,
      rule: { temperature: 0.03 },
      offer: (offer, population) => {
        for (const [model, dollars] of payments.entries()) paying(dollars, model)(offer, population);
      },
    });
    const weights = [0, ...payments].map((dollars) => Math.exp(dollars / 9.6 / 0.03));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [option, weight] of weights.entries())
      expect(standardErrors(shareOf(choice, option - 1), weight / total)).toBeLessThan(4);
  });

  test("with inertia moves the rest only, round by round", () => {
    const { choice } = decide({
      groups: many,
      offer: paying(0.3),
      rule: { temperature: 0.05, inertia: 0.75 },
      rounds: 2,
    });
    const attracted = 1 / (1 + Math.exp(-0.3 / 9.6 / 0.05));
    expect(standardErrors(shareOf(choice, 0), attracted * (1 - 0.75 ** 2))).toBeLessThan(4);
  });

  test("at temperature 0 everybody takes the best of what is on offer", () => {
    const of = (dollars: number) => decide({ groups: many, offer: paying(dollars) }).choice;
    expect(shareOf(of(1e-6), 0)).toBe(1);
    expect(shareOf(of(-1e-6), -1)).toBe(1);
    const { choice } = decide({
      groups: many,
      models: 2,
      offer: (offer, population) => {
        paying(0.1, 0)(offer, population);
        paying(0.11, 1)(offer, population);
      },
    });
    expect(shareOf(choice, 1)).toBe(1);
  });
});

test.each([0, 0.05])("inertia 1 freezes everybody at temperature %d", (temperature) => {
  const frozen = { groups: [{ ...plain, count: 500 }], rule: { temperature, inertia: 1 }, rounds: 5 };
  expect(shareOf(decide({ ...frozen, offer: paying(100) }).choice, -1)).toBe(1);
  expect(shareOf(decide({ ...frozen, offer: paying(-100), before: 0 }).choice, 0)).toBe(1);
});

describe("who may and can work", () => {
  const ownership = (offer: Offer) => {
    offer.access[0] = access.open;
    offer.claimPerWork[0] = 1;
  };

  test("designers alone, where it is for designers", () => {
    const groups = [plain, { ...plain, group: "founders", designerOf: "model-0" }];
    const { choice } = decide({
      groups,
      offer: (offer, population) => {
        paying(5)(offer, population);
        offer.access[0] = access.designers;
      },
    });
    expect(Array.from(choice)).toEqual([-1, 0]);
  });

  test("nobody, where it is closed", () => {
    const { choice } = decide({
      groups: [plain],
      offer: (offer, population) => {
        paying(5)(offer, population);
        offer.access[0] = access.closed;
      },
    });
    expect(choice[0]).toBe(-1);
  });

  test("not whoever cannot pay the running cost of the coming period", () => {
    // A day costs 24 x (0.45 kW x $0.165 + $0.01) = $2.022; seven days $14.154.
    const groups = (wealth: string) => [{ ...plain, wealth }];
    const weekly = { revisionEpochs: 7 };
    expect(decide({ groups: groups("$14.15"), offer: ownership, unitValue: 1, rule: weekly }).choice[0]).toBe(-1);
    expect(decide({ groups: groups("$14.16"), offer: ownership, unitValue: 1, rule: weekly }).choice[0]).toBe(0);
  });

  test("but a broke provider takes work that pays its bills", () => {
    expect(decide({ groups: [{ ...plain, wealth: "$0" }], offer: paying(0.01) }).choice[0]).toBe(0);
  });
});

describe("what ownership is worth to its holder", () => {
  test("its certainty equivalent, worked out by hand", () => {
    const [aversion, wealth, variance, period, held] = [5, 3000, 0.43, 7, 20_000];
    // Earned e a day beside holdings of h dollars: e - (g s^2 / 2W) e (2h + e T) is to meet the costs of a day.
    const perDay = (165.2e12 * 0.4 * 86_400) / 1e15;
    const costs = 24 * (0.4 * 0.5 + 0.01);
    const net = (unit: number) => {
      const earned = perDay * unit;
      return earned - ((aversion * variance) / (2 * wealth)) * earned * (2 * held * unit + earned * period) - costs;
    };
    let [low, high] = [0, 2 * (costs / perDay)];
    for (let step = 0; step < 100; step++) {
      const middle = (low + high) / 2;
      if (net(middle) < 0) low = middle;
      else high = middle;
    }
    expect(low).toBeGreaterThan(1.02 * (costs / perDay));
    const groups = [{ ...plain, riskAversion: aversion, wealth: `$${wealth}` }];
    const spec = { revisionEpochs: period, revenueVariance: variance };
    // Units are granted as if nothing were lost to the link.
    const choose = (unitValue: number) =>
      decide({
        groups,
        held,
        unitValue,
        rule: spec,
        offer: (offer, population) => {
          offer.access[0] = access.open;
          offer.claimPerWork[0] = perDay / population.workPerEpoch[0];
        },
      }).choice[0];
    expect(choose(low * (1 - 1e-6))).toBe(-1);
    expect(choose(low * (1 + 1e-6))).toBe(0);
  });

  test("more to the optimistic", () => {
    const { choice, population } = decide({
      groups: [{ ...plain, count: 2000, optimism: 0.5 }],
      unitValue: 1,
      offer: (offer, people) => {
        offer.access[0] = access.open;
        offer.claimPerWork[0] = (people.runningCost[0] + people.opportunity[0]) / people.workPerEpoch[0];
      },
    });
    for (let i = 0; i < choice.length; i++) expect(choice[i]).toBe(population.optimism[i] > 1 ? 0 : -1);
  });
});

test("giving is worth its warm glow times the appeal", () => {
  const { choice: none } = decide({
    groups: [{ ...plain, warmGlow: "$0.30/h" }],
    offer: (offer) => {
      offer.access[0] = access.open;
    },
  });
  expect(none[0]).toBe(-1);
  // Costs are $0.21/h: an appeal of 0.7 is the least that moves a glow of $0.30/h.
  const at = (appeal: number) =>
    decide({
      groups: [{ ...plain, warmGlow: "$0.30/h" }],
      offer: (offer) => {
        offer.access[0] = access.open;
        offer.donationAppeal[0] = appeal;
      },
    }).choice[0];
  expect(at(0.6999)).toBe(-1);
  expect(at(0.7001)).toBe(0);
});

describe("data providers", () => {
  const archive = { group: "archives", count: 1, tokens: "1B", reservation: "$2/Mtoken", riskAversion: 0 };
  const deliver = (data: EconomyInput["data"], change: (offer: Offer) => void, extra: Partial<Round> = {}) => {
    const round = decide({ groups: [plain], data, offer: change, ...extra });
    round.decideOnData();
    const first = round.deliveries.count;
    const quantity = Array.from(round.deliveries.quantity.slice(0, first));
    const model = Array.from(round.deliveries.model.slice(0, first));
    round.decideOnData();
    return { first, again: round.deliveries.count, quantity, model };
  };
  const cash = (dollarsPerMegatoken: number) => (offer: Offer) => {
    offer.cashPerToken[0] = dollarsPerMegatoken * 1e-6;
  };

  test("deliver once, where they are offered their reservation price", () => {
    expect(deliver([archive], cash(1.999)).first).toBe(0);
    expect(deliver([archive], cash(2.001))).toMatchObject({ first: 1, again: 0, quantity: [1e9] });
  });

  test("are paid for quality, and ask the same for all of it", () => {
    const fine = { ...archive, quality: 2 };
    expect(deliver([fine], cash(1.001))).toMatchObject({ first: 1, quantity: [2e9] });
    expect(deliver([fine], cash(0.999)).first).toBe(0);
  });

  test("take the best offer first, and the next one afterwards", () => {
    const offers = (offer: Offer) => offer.cashPerToken.set([3e-6, 4e-6]);
    expect(deliver([archive], offers, { models: 2 })).toMatchObject({ first: 1, again: 1, model: [1] });
  });

  test("waive their share of the price for a project that asks for gifts", () => {
    const giver = { ...archive, warmGlow: 1 };
    const asking = (offer: Offer) => offer.donationAppeal.fill(1);
    expect(deliver([giver], asking).first).toBe(1);
    expect(deliver([{ ...giver, warmGlow: 0.99 }], asking).first).toBe(0);
  });

  test("come in the numbers of the logistic at a temperature", () => {
    const many = [{ ...archive, count: 20_000 }];
    const { first } = deliver(many, cash(2.1), { rule: { temperature: 0.1 } });
    // 5 % above the reservation price, at a temperature of 10 % of it.
    const expected = 1 / (1 + Math.exp(-0.5));
    expect(Math.abs(first / 20_000 - expected) / Math.sqrt((expected * (1 - expected)) / 20_000)).toBeLessThan(4);
  });
});
