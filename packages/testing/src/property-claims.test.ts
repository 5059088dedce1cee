/** The checks of properties that depend on more than sums of postings, each against a rule that breaks it alone. */
import {
  access,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  type MechanismProperty,
  mechanismProperties,
  type Offer,
  type PostingBatch,
} from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { boundaryParameters, conditionOf } from "./honest-work-claims.ts";
import { judgeProperty } from "./property-verdict.ts";

interface State {
  readonly context: MechanismContext;
}

const columnNames = [
  "cashPerWork usefulShare claimPerWork claimShare coinPerWork donationAppeal cashPerToken claimPerToken dataClaimShare",
  "ownWork ownCostDollars ownTokens cashPerIdentity claimPerIdentity coinPerIdentity stakePerWork stakePerIdentity",
].flatMap((names) => names.split(" ")) as (keyof Offer)[];

/** What a rule pays for a row of a batch, dollars. */
type Pay = (quantity: number, batch: EpochBatch, row: number) => number;

interface Planted {
  readonly pay?: Pay;
  /** Stake per PFLOP, locked and given back within the epoch unless the work is found bad. */
  readonly stake?: number;
  /** Stake that is taken, of that which was offered. */
  readonly forfeit?: number;
  readonly extra?: (batch: EpochBatch, context: MechanismContext) => readonly PostingBatch[];
  readonly reason?: (batch: EpochBatch) => string;
  readonly claims?: readonly MechanismProperty[];
}

const dollarsPerWork = 1e-3;
const proportional: Pay = (quantity) => dollarsPerWork * quantity;

/** A sponsor pays a tenth of a cent for each PFLOP; `planted` says what else goes on. */
function paying(planted: Planted = {}): () => Mechanism {
  const { pay = proportional, stake = 0, forfeit = 1, extra = () => [], reason = () => "pay" } = planted;
  const mechanism: Mechanism<State> = {
    kind: "planted",
    claims: planted.claims ?? mechanismProperties,
    open: (context) => ({ state: { context }, postings: [] }),
    quote: ({ context }, { training }) => {
      const models = context.models.length;
      const columns = Object.fromEntries(columnNames.map((name) => [name, new Float64Array(models)]));
      const offer = {
        ...columns,
        access: training.map((open) => (open ? access.open : access.closed)),
      } as unknown as Offer;
      offer.usefulShare.fill(1);
      offer.cashPerWork.fill(dollarsPerWork);
      offer.stakePerWork.fill(stake);
      return offer;
    },
    settle: (state, batch) => {
      const { context } = state;
      const { cash, sponsor, vault } = context;
      const { work, verdicts } = batch;
      const micros = (deliveries: typeof work, dollars: (quantity: number, row: number) => number): Float64Array =>
        Float64Array.from({ length: deliveries.count }, (_, row) =>
          Math.floor(1e6 * dollars(deliveries.quantity[row], row)),
        );
      const to = work.account.slice(0, work.count);
      const found = verdicts ?? { count: 0, account: to, model: to, quantity: work.quantity };
      // Nobody locks what it has not got.
      const lost = micros(found, (quantity, row) =>
        Math.min(batch.situation.balances.balance(found.account[row], cash) / 1e6, forfeit * stake * quantity),
      );
      const losers = found.account.slice(0, found.count);
      const treasuries = Int32Array.from(context.models, ({ treasury }) => treasury);
      const designers = Int32Array.from(context.models, ({ designer }) => designer);
      const amount = micros(work, (quantity, row) => pay(quantity, batch, row));
      return {
        state,
        postings: [
          { reason: "revenue", asset: cash, from: treasuries, to: designers, amount: batch.revenueMicros.slice() },
          { reason: reason(batch), asset: cash, from: sponsor, to, amount },
          { reason: "stake", asset: cash, from: losers, to: vault, amount: lost },
          {
            reason: "forfeit",
            asset: cash,
            from: Int32Array.from(losers, () => vault),
            to: sponsor,
            amount: lost.slice(),
          },
          ...extra(batch, context),
        ],
      };
    },
  };
  return () => mechanism as Mechanism;
}

const options = { cases: 12, seed: 3 };
const verdictOf = (create: () => Mechanism, property: MechanismProperty) => judgeProperty(create, property, options);

/** Properties of which a counter-example is found. */
const brokenBy = (planted: Planted): string[] =>
  mechanismProperties.filter((property) => verdictOf(paying(planted), property).verdict === "counter-example");

describe("a rule that pays what it quotes", () => {
  const verdicts = (planted: Planted) =>
    Object.fromEntries(mechanismProperties.map((property) => [property, verdictOf(paying(planted), property).verdict]));

  it.each([
    ["without stake", {}],
    ["with stake", { stake: 0.01 }],
  ])("%s has every property", (_, planted) => {
    const all = Object.fromEntries(mechanismProperties.map((property) => [property, "survived"]));
    const conditional = { "individual-rationality": "proved", "incentive-compatibility": "proved" };
    expect(verdicts(planted)).toEqual({ ...all, ...conditional });
  });

  it("is refuted where it claims no condition, and says in which circumstances", () => {
    for (const property of ["individual-rationality", "incentive-compatibility"] as const) {
      const { verdict, found, isClaimed } = verdictOf(paying({ claims: [] }), property);
      expect([verdict, isClaimed, found]).toEqual([
        "counter-example",
        false,
        expect.stringMatching(/^honest work gains −?\$\d.*audited \d/),
      ]);
    }
  });
});

describe("rules that break one property", () => {
  it("pay for turning up", () => {
    expect(verdictOf(paying({ pay: (quantity) => 0.001 * quantity + 1 }), "null-player").verdict).toBe(
      "counter-example",
    );
  });

  it("pay for work that an audit found bad", () => {
    const extra: Planted["extra"] = ({ verdicts }, { sponsor, cash }) => [
      {
        reason: "pay all the same",
        asset: cash,
        from: sponsor,
        to: verdicts?.account.slice(0, verdicts.count) ?? new Int32Array(0),
        amount: Float64Array.from({ length: verdicts?.count ?? 0 }, (_, row) =>
          Math.floor(1000 * (verdicts?.quantity[row] ?? 0)),
        ),
      },
    ];
    expect(brokenBy({ extra })).toEqual(["individual-rationality", "incentive-compatibility", "null-player"]);
  });

  it("pay less than they quote", () => {
    expect(brokenBy({ pay: (quantity) => 0.97 * proportional(quantity, undefined as never, 0) })).toEqual([
      "individual-rationality",
      "incentive-compatibility",
    ]);
  });

  it("take less of the stake than they say", () => {
    expect(brokenBy({ stake: 0.01, forfeit: 0.5 })).toEqual(["individual-rationality", "incentive-compatibility"]);
  });

  it("pay the largest delivery more, so that it pays to pool", () => {
    const largest: Pay = (quantity, { work }) =>
      proportional(quantity, undefined as never, 0) *
      (quantity >= Math.max(...work.quantity.subarray(0, work.count)) ? 2 : 1);
    expect(verdictOf(paying({ pay: largest }), "collusion-resistance").verdict).toBe("counter-example");
    expect(verdictOf(paying({ pay: largest }), "sybil-proofness").verdict).toBe("survived");
  });

  it("take back what they paid", () => {
    const extra: Planted["extra"] = ({ work, epoch }, { sponsor, cash }) =>
      epoch % 2 === 0 || work.count === 0
        ? []
        : [
            {
              reason: "clawback",
              asset: cash,
              from: work.account.slice(0, 1),
              to: sponsor,
              amount: Float64Array.of(1),
            },
          ];
    expect(verdictOf(paying({ extra }), "no-retroactive-confiscation").verdict).toBe("counter-example");
  });

  it("lock more stake than they ask for", () => {
    const extra: Planted["extra"] = ({ work }, { vault, cash }) => [
      {
        reason: "stake",
        asset: cash,
        from: work.account.slice(0, work.count),
        to: vault,
        amount: new Float64Array(work.count).fill(50),
      },
    ];
    expect(verdictOf(paying({ extra }), "no-retroactive-confiscation").verdict).toBe("counter-example");
  });

  it.each([
    ["say nothing", () => " "],
    ["say the same of two causes", () => "stake back"],
  ])("%s of why", (_, reason) => {
    const extra: Planted["extra"] = ({ work }, { issuer, models, providers }) =>
      work.count === 0
        ? []
        : [
            {
              reason: "stake back",
              asset: models[0].ownership,
              from: issuer,
              to: providers.first,
              amount: Float64Array.of(1),
            },
          ];
    expect(verdictOf(paying({ reason, extra }), "explainability").verdict).toBe("counter-example");
  });

  it("favour who comes first among equals", () => {
    const early: Pay = (quantity, _, row) => proportional(quantity, undefined as never, 0) * (row === 0 ? 1.5 : 1);
    expect(verdictOf(paying({ pay: early }), "explainability").verdict).toBe("counter-example");
  });
});

/** Second names that pay only in places that are easy to miss. */
describe("a hidden profit from a second name", () => {
  const plain = (quantity: number): number => dollarsPerWork * quantity;
  it.each<[string, Pay]>([
    ["each name's pay is rounded up to a whole cent", (quantity) => Math.ceil(100 * plain(quantity)) / 100],
    [
      "a concave bonus above a threshold",
      (quantity) => plain(quantity) + (quantity > 50 ? 0.001 * Math.sqrt(quantity) : 0),
    ],
    [
      "a bonus for each name in every seventh epoch",
      (quantity, { epoch }) => plain(quantity) + (epoch % 7 === 6 ? 0.01 : 0),
    ],
    [
      "a tenth more for an account that has further names, and nothing for further accounts",
      (quantity, { work }, row) => plain(quantity) * ((work.identities?.[row] ?? 1) > 1 ? 1.1 : 1),
    ],
  ])("%s", (_, pay) => {
    const { verdict, found, plan } = judgeProperty(paying({ pay }), "sybil-proofness", { cases: 40, seed: 1 });
    expect([verdict, found]).toEqual([
      "counter-example",
      expect.stringMatching(/^\d+ names (of one account )?get \$[\d.]+, one name \$[\d.]+$/),
    ]);
    expect(plan?.providers).toBeLessThanOrEqual(3);
  });
});

describe("conditions", () => {
  it("are tried along every parameter on both sides", () => {
    const create = paying({ stake: 0.01 });
    const condition = conditionOf(create(), "individual-rationality");
    expect(condition.statement).toContain("wealth");
    const { cases } = verdictOf(create, "individual-rationality");
    expect(cases).toBeGreaterThanOrEqual(
      options.cases + 4 * Math.ceil(options.cases / boundaryParameters["individual-rationality"].length),
    );
  });
});
