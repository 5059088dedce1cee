/** A suite that nothing fails shows nothing: each check is given a mechanism that breaks it, and one that breaks none. */
import {
  access,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  type Offer,
  type Situation,
  structuralProperties,
} from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { mechanismConformance } from "./mechanism-conformance.ts";

interface Purse {
  readonly context: MechanismContext;
  readonly left: Float64Array;
}

function offerOf({ training }: Situation): Offer {
  const models = training.length;
  const column = () => new Float64Array(models);
  return {
    access: training.map((isTraining) => (isTraining === 1 ? access.open : access.closed)),
    cashPerWork: column(),
    usefulShare: column().fill(1),
    claimPerWork: column(),
    claimShare: column(),
    coinPerWork: column(),
    donationAppeal: column(),
    cashPerToken: column(),
    claimPerToken: column(),
    dataClaimShare: column(),
    ownWork: column(),
    ownCostDollars: column(),
    ownTokens: column(),
    cashPerIdentity: column(),
    claimPerIdentity: column(),
    coinPerIdentity: column(),
    furtherNames: column().fill(1),
    scoredShare: column(),
    stakePerWork: column(),
    stakePerIdentity: column(),
    forfeitShare: column(),
    payHeldEpochs: column(),
    claimsHeldEpochs: column(),
  };
}

/** Cash for the rows of a batch: `parts` says how much of the first treasury's million each row gets, in total at most 1. */
type Rule = (batch: EpochBatch, context: MechanismContext) => readonly number[];

const millionMicros = 1_000_000;

/** A sponsor brings a dollar an epoch, the rule shares it out over the rows of work; revenue goes to the designers. */
function sharing(rule: Rule, changes: Partial<Mechanism<Purse>> = {}): () => Mechanism {
  const mechanism: Mechanism<Purse> = {
    kind: "planted",
    claims: structuralProperties,
    open: (context) => ({ state: { context, left: Float64Array.of(0) }, postings: [] }),
    quote: (_, situation) => offerOf(situation),
    settle: (state, batch) => {
      const { context } = state;
      const amount = Float64Array.from(rule(batch, context), (part) => Math.floor(part * millionMicros));
      const treasuries = Int32Array.from(context.models, ({ treasury }) => treasury);
      const designers = Int32Array.from(context.models, ({ designer }) => designer);
      const { cash, sponsor } = context;
      return {
        state,
        postings: [
          { reason: "revenue", asset: cash, from: treasuries, to: designers, amount: batch.revenueMicros.slice() },
          { reason: "pay", asset: cash, from: sponsor, to: batch.work.account.slice(0, amount.length), amount },
        ],
      };
    },
    ...changes,
  };
  return () => mechanism as Mechanism;
}

const quantities = ({ work }: EpochBatch): number[] => [...work.quantity.subarray(0, work.count)];
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Pays in proportion to work, whatever the model: fair in every way that the suite looks at. */
const proportional: Rule = (batch) => {
  const done = quantities(batch);
  const total = sum(done);
  return done.map((quantity) => (total > 0 ? quantity / total : 0));
};

function failuresOf(create: () => Mechanism, which = /./): string[] {
  return mechanismConformance(create, { worlds: 20 }).flatMap(({ name, run }) => {
    if (!which.test(name)) return [];
    try {
      run();
      return [];
    } catch {
      return [name];
    }
  });
}

const fair = sharing(proportional);
/** `fair` with postings or offers changed. */
const spoilt = (changes: (mechanism: Mechanism) => Partial<Mechanism>) => () => ({ ...fair(), ...changes(fair()) });

const adding = (posting: (context: MechanismContext) => { from: number; to: number; asset: number; amount: number }) =>
  spoilt((mechanism) => ({
    settle: (state, batch) => {
      const { from, to, asset, amount } = posting((state as Purse).context);
      const { state: next, postings } = mechanism.settle(state, batch);
      const extra = { reason: "planted", asset, from, to, amount: Float64Array.of(amount) };
      return { state: next, postings: [...postings, extra] };
    },
  }));

const offering = (change: (offer: Offer, situation: Situation) => Partial<Offer>) =>
  spoilt((mechanism) => ({
    quote: (state, situation) => {
      const offer = mechanism.quote(state, situation);
      return { ...offer, ...change(offer, situation) };
    },
  }));

describe("mechanismConformance", () => {
  it("passes a fair rule", () => {
    expect(failuresOf(fair)).toEqual([]);
  });

  it("names the world in which a check fails", () => {
    const split = sharing(({ work: { count } }) => new Array(count).fill(1 / Math.max(count, 1)));
    const sybil = mechanismConformance(split).find(({ name }) => name === "claims sybil-proofness");
    expect(() => sybil?.run()).toThrow(/Counterexample: \[\{"seed":\d+,"providers":\d/);
  });

  it("looks only at properties that are claimed", () => {
    const modest = sharing(({ work: { count } }) => new Array(count).fill(1 / Math.max(count, 1)), { claims: [] });
    expect(failuresOf(modest)).toEqual([]);
  });
});

describe("rules that break a claim", () => {
  it("an equal split per name invites Sybils", () => {
    expect(failuresOf(sharing(({ work: { count } }) => new Array(count).fill(1 / Math.max(count, 1))))).toEqual([
      "claims sybil-proofness",
    ]);
  });

  it("a premium on small deliveries invites Sybils", () => {
    const roots: Rule = (batch) => {
      const weights = quantities(batch).map(Math.sqrt);
      return weights.map((weight) => (weight > 0 ? weight / sum(weights) : 0));
    };
    expect(failuresOf(sharing(roots))).toEqual(["claims sybil-proofness"]);
  });

  it("pay that falls with work is not monotone", () => {
    const failures = failuresOf(sharing((batch) => quantities(batch).map((quantity) => 1 / (10 + quantity))));
    expect(failures).toContain("claims monotonicity");
  });

  it("a premium for one account is not symmetric", () => {
    const favour: Rule = (batch, context) =>
      proportional(batch, context).map((part, row) => (batch.work.account[row] === 0 ? part : part / 2));
    expect(failuresOf(sharing(favour))).toEqual(["claims symmetry"]);
  });

  it("first come, first served depends on the order", () => {
    const failures = failuresOf(sharing((batch) => quantities(batch).map((_, row) => (row === 0 ? 1 : 0))));
    expect(failures).toContain("claims order-independence");
  });

  it("minted cash comes from nothing and is not covered", () => {
    const minted = adding(({ issuer, cash, models }) => ({
      from: issuer,
      to: models[0].designer,
      asset: cash,
      amount: 1,
    }));
    expect(failuresOf(minted)).toEqual(["claims budget-balance", "claims no-creation-from-nothing"]);
  });

  it("issued coins come from nothing", () => {
    const coins = adding(({ issuer, coin, models }) => ({
      from: issuer,
      to: models[0].designer,
      asset: coin,
      amount: 1,
    }));
    expect(failuresOf(coins)).toEqual(["claims no-creation-from-nothing"]);
  });

  it("revenue that nobody gets is not balanced", () => {
    const hoarding = sharing(() => [], { settle: (state) => ({ state, postings: [] }) });
    expect(failuresOf(hoarding)).toEqual(["claims budget-balance"]);
  });
});

describe("rules that break what every mechanism must do", () => {
  const basics = (create: () => Mechanism) => failuresOf(create, /^(?!claims )/);

  it("a hidden count of calls is not deterministic", () => {
    let calls = 0;
    const counting = sharing((batch, context) => proportional(batch, context).map((part) => part / ++calls));
    expect(basics(counting)).toEqual(["answers alike in every run"]);
  });

  it("a state changed in place is seen", () => {
    const mutating = spoilt((mechanism) => ({
      settle: (state, batch) => {
        (state as Purse).left[0] += 1;
        return mechanism.settle(state, batch);
      },
    }));
    expect(basics(mutating)).toEqual(["answers alike in every run", "leaves its inputs alone"]);
  });

  it("a batch changed in place is seen", () => {
    const sorting = spoilt((mechanism) => ({
      settle: (state, batch) => {
        batch.work.quantity.sort();
        return mechanism.settle(state, batch);
      },
    }));
    expect(basics(sorting)).toContain("leaves its inputs alone");
  });

  it("a treasury pays only what it has", () => {
    const overdrawing = adding(({ cash, models }) => {
      return { from: models[0].treasury, to: models[0].designer, asset: cash, amount: 1 };
    });
    expect(basics(overdrawing)).toContain("posts what the ledger takes");
  });

  it.each([
    ["unknown accounts", { from: 1e6, asset: 0, amount: 1 }],
    ["unknown assets", { from: 0, asset: 99, amount: 1 }],
    ["fractions", { from: -1, asset: 0, amount: 0.5 }],
    ["negative amounts", { from: -1, asset: 0, amount: -1 }],
  ])("%s are refused", (_, { from, asset, amount }) => {
    const wrong = adding(({ sponsor, suppliers }) => ({
      from: from < 0 ? sponsor : from,
      to: suppliers,
      asset,
      amount,
    }));
    expect(basics(wrong)).toContain("posts what the ledger takes");
  });

  it.each<[string, (offer: Offer) => Partial<Offer>]>([
    ["not a number", ({ cashPerWork }) => ({ cashPerWork: cashPerWork.fill(Number.NaN) })],
    ["unbounded", ({ claimPerWork }) => ({ claimPerWork: claimPerWork.fill(Number.POSITIVE_INFINITY) })],
    ["negative", ({ coinPerWork }) => ({ coinPerWork: coinPerWork.fill(-1) })],
    ["too long", ({ ownWork }) => ({ ownWork: new Float64Array(ownWork.length + 1) })],
    ["promised twice", ({ claimShare }) => ({ claimShare: claimShare.fill(0.6), dataClaimShare: claimShare })],
    ["an unknown access", ({ access: open }) => ({ access: open.fill(3) })],
  ])("an offer that is %s is refused", (_, change) => {
    expect(basics(offering(change))).toContain("offers within bounds");
  });

  it.each<[string, (offer: Offer) => Partial<Offer>]>([
    ["lets people work", ({ access: open }) => ({ access: open.fill(access.open) })],
    ["works itself", ({ ownWork }) => ({ ownWork: ownWork.fill(1) })],
    ["asks for data", ({ cashPerToken }) => ({ cashPerToken: cashPerToken.fill(1) })],
  ])("a closed model that %s is seen", (_, change) => {
    expect(basics(offering(change))).toEqual(["takes nothing for closed models"]);
  });

  it("pay for being there is seen", () => {
    const idle = adding(({ sponsor, providers, cash }) => ({
      from: sponsor,
      to: providers.first,
      asset: cash,
      amount: 1,
    }));
    expect(basics(idle)).toEqual(["copes with nothing happening"]);
  });
});
