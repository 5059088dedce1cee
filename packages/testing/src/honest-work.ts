/**
 * One provider's choice in one epoch of a small world: to stay out, to work honestly, or to cheat; each with what it comes to
 * earn in expectation.
 *
 * The choice is made in the last epoch in which anybody works; all revenue comes at the end of the horizon. What each choice
 * earns is not computed from the offer: the mechanism is driven through the world once for every way in which it can go
 * (stayed out, accepted, found bad; with the revenue whole, and with what the cheating costs it), and the ways are weighed
 * with their exact chances. The offer gives the circumstances in which a claim is made. So claim and outcome are two
 * computations, and they meet only if the mechanism pays what it quotes.
 *
 * Nobody discounts here, so that what is paid later is worth what it was quoted at. A provider is worth its cash, what the
 * vault holds more than if it had stayed out, and its coins, at the price at which all coins issued in the epoch are worth what
 * was quoted for all work.
 */
import { access, type Circumstances, type Mechanism, type Offer, type PostingBatch } from "@shardlab/contracts";
import { createStreams, type RandomStream } from "@shardlab/random";
import fc from "fast-check";
import type { WorldPlan } from "./arbitraries.ts";
import {
  type DeliveryRow,
  deliveriesOf,
  type EpochInputs,
  logUniform,
  nothing,
  type RunOptions,
  runMechanism,
  type WorldRun,
} from "./mechanism-world.ts";
import { type PostingRow, postingRows } from "./posting-rows.ts";

/** What a provider faces apart from the offer. */
export type WorkSetting = Pick<
  Circumstances,
  "costDollars" | "wealthDollars" | "auditRate" | "detection" | "falsePositive" | "costSaved" | "damageDollars"
>;

/** Expected dollars of each choice, relative to nothing in particular: only differences mean something. */
export interface WorkPayoffs {
  readonly out: number;
  readonly honest: number;
  readonly cheated: number;
}

export interface WorkChoice {
  /** Quoted pay and coming revenue, dollars: the scale of the other sums. */
  readonly payDollars: number;
  readonly revenueDollars: number;
  circumstances(setting: WorkSetting): Circumstances;
  payoffs(setting: WorkSetting): WorkPayoffs;
}

const horizonEpochs = 20;
/** Epochs of work before the one in which the provider chooses. */
const epochsBefore = 2;
/** More than any stake asked for. */
const ampleDollars = 1e9;
const chooser = 0;

/** Draws what a provider faces: costs up to 1.3 times the pay, all rates, damage up to half of the revenue. */
export function drawSetting(choice: WorkChoice, plan: WorldPlan): WorkSetting {
  const draws = createStreams(plan.seed).stream("circumstances");
  const between = (low: number, high: number): number => low + (high - low) * draws.uniform();
  return {
    costDollars: between(0.05, 1.3) * Math.max(choice.payDollars, 1),
    auditRate: between(0, 1),
    detection: between(0.05, 1),
    falsePositive: between(0, 1) < 0.3 ? 0 : between(0, 0.2),
    costSaved: between(0.05, 1),
    damageDollars: between(0, 1) < 0.3 ? 0 : between(0, 0.5) * choice.revenueDollars,
    wealthDollars: between(0, 1) < 0.1 ? 0 : 10 * ampleDollars,
  };
}

/** How the chosen epoch goes: the provider stays out, is accepted or found bad; or everybody delivers four times as much. */
type Way = "out" | "accepted" | "found" | "busy";

const busier = 4;

/**
 * The choice in the world of `plan`, which is drawn again (`fc.pre`) where the mechanism offers nothing for work in it.
 */
export function workChoice(create: () => Mechanism, plan: WorldPlan): WorkChoice {
  const world = { ...plan, models: 1, horizonEpochs, epochDays: Math.max(30, plan.epochDays) };
  const draws = createStreams(plan.seed).stream("honest-work");
  const run = (inputs: readonly EpochInputs[], options: RunOptions = {}): WorldRun =>
    runMechanism(create(), world, {
      inputs,
      sponsorDiscountPerEpoch: 0,
      wealthDollars: new Float64Array(world.providers).fill(ampleDollars),
      ...options,
    });
  const idle = run([]);
  const opens = idle.epochs.findIndex(({ offer }) => offer.access[0] === access.open);
  const chosen = opens + epochsBefore;
  fc.pre(opens >= 0 && chosen < horizonEpochs - 1);
  const work = drawWork(draws, world.providers, idle.world.context.models[0].targetWork);
  const revenueDollars = logUniform(draws.uniform(), 1e3, 1e9);
  const inputsOf = (way: Way, damageDollars: number) =>
    waysInputs(work, { opens, chosen, way }, revenueDollars - damageDollars);
  const before = run(inputsOf("accepted", 0), { epochs: chosen });
  const accepted = run(inputsOf("accepted", 0));
  fc.pre(accepted.epochs[chosen].offer.access[0] === access.open);
  const fundsDollars = fundsOf(run(inputsOf("busy", 0), { epochs: chosen + 1 }), chosen);
  const quoted = quotedOf(before, accepted, { work, chosen, fundsDollars });
  fc.pre(quoted.isWorthIt && quoted.stakeDollars <= ampleDollars);
  const out = run(inputsOf("out", 0));
  const price = coinPrice(accepted, work, chosen);
  const worths = new Map<string, number>();
  const worth = (way: Way, damageDollars: number): number => {
    const key = `${way} ${damageDollars}`;
    const known = worths.get(key) ?? worthOf(run(inputsOf(way, damageDollars)), out, price);
    worths.set(key, known);
    return known;
  };
  const { payDollars, circumstances } = quoted.terms(revenueDollars);
  return {
    payDollars,
    revenueDollars,
    circumstances,
    payoffs: (setting) => {
      const { auditRate, detection, falsePositive, costDollars, costSaved, damageDollars } = setting;
      const expected = (chance: number, damage: number): number =>
        (1 - chance) * worth("accepted", damage) + chance * worth("found", damage);
      const isAble = circumstances(setting).stakeDollars <= setting.wealthDollars;
      return {
        out: worth("out", 0),
        honest: isAble ? expected(auditRate * falsePositive, 0) - costDollars : Number.NEGATIVE_INFINITY,
        cheated: isAble
          ? expected(auditRate * detection, damageDollars) - (1 - costSaved) * costDollars
          : Number.NEGATIVE_INFINITY,
      };
    },
  };
}

/** Everybody works as much in each epoch of work; small parts of the target, so that the model stays open. */
const drawWork = (draws: RandomStream, providers: number, targetWork: number): DeliveryRow[] =>
  Array.from({ length: providers }, (_, account) => ({
    account,
    model: 0,
    quantity: Math.ceil(16 * targetWork * logUniform(draws.uniform(), 1e-3, 0.04)) / 16,
  }));

function waysInputs(
  work: readonly DeliveryRow[],
  { opens, chosen, way }: { readonly opens: number; readonly chosen: number; readonly way: Way },
  revenueDollars: number,
): EpochInputs[] {
  const others = work.filter(({ account }) => account !== chooser);
  return Array.from({ length: horizonEpochs }, (_, epoch): EpochInputs => {
    const quiet = nothing(1);
    if (epoch === horizonEpochs - 1)
      return { ...quiet, revenueMicros: Float64Array.of(Math.floor(revenueDollars * 1e6)) };
    if (epoch < opens || epoch > chosen) return quiet;
    if (epoch < chosen || way === "accepted") return { ...quiet, work: deliveriesOf(work) };
    if (way === "busy") {
      return { ...quiet, work: deliveriesOf(work.map((row) => ({ ...row, quantity: busier * row.quantity }))) };
    }
    return { ...quiet, work: deliveriesOf(others), verdicts: deliveriesOf(way === "found" ? [work[chooser]] : []) };
  });
}

/** Fewer units of ownership than this would round to something else than what was quoted. */
const fewUnits = 10_000;

/** What the offer of the chosen epoch comes to, from what everybody can see. */
function quotedOf(
  before: WorldRun,
  accepted: WorldRun,
  {
    work,
    chosen,
    fundsDollars,
  }: { readonly work: readonly DeliveryRow[]; readonly chosen: number; readonly fundsDollars: number },
) {
  const { ledger, context } = before.world;
  const [{ ownership, designer }] = context.models;
  const { offer } = accepted.epochs[chosen];
  const claimShare = accepted.epochs[horizonEpochs - 1].offer.claimShare[0];
  const own = work[chooser].quantity;
  const all = work.reduce((sum, { quantity }) => sum + quantity, 0);
  const alone = { work: own, names: 1 };
  const cashPayDollars = paid(offer, "cash", alone);
  const coinDollars = paid(offer, "coin", alone);
  const units = paid(offer, "claim", alone);
  const held = ledger.balance(chooser, ownership);
  const issued = -ledger.balance(context.issuer, ownership) - ledger.balance(designer, ownership);
  const othersUnits = issued + paid(offer, "claim", { work: all - own, names: work.length - 1 });
  const [shareWith, shareWithout] = [held + units, held].map((has, without) => {
    const total = othersUnits + (without === 0 ? units : 0);
    return total > 0 ? (claimShare * has) / total : 0;
  });
  const stakeDollars = offer.stakePerWork[0] * own + offer.stakePerIdentity[0];
  return {
    stakeDollars,
    isWorthIt: cashPayDollars + coinDollars > 0.01 || (units >= fewUnits && claimShare > 0),
    terms: (revenueDollars: number) => {
      const otherPayDollars = coinDollars + revenueDollars * (shareWith - shareWithout);
      const circumstances = (setting: WorkSetting): Circumstances => {
        const chance = setting.auditRate * setting.detection;
        return {
          ...setting,
          cashPayDollars,
          otherPayDollars,
          owedDollars: paid(offer, "cash", { work: all, names: work.length }),
          fundsDollars,
          stakeDollars,
          revenueShare: (1 - chance) * shareWith + chance * shareWithout,
        };
      };
      return { payDollars: cashPayDollars + otherPayDollars, circumstances };
    },
  };
}

const columns = {
  cash: ["cashPerWork", "cashPerIdentity"],
  coin: ["coinPerWork", "coinPerIdentity"],
  claim: ["claimPerWork", "claimPerIdentity"],
} as const;

/** What the offer gives for so much work under so many names. */
function paid(
  offer: Offer,
  what: keyof typeof columns,
  { work, names }: { readonly work: number; readonly names: number },
): number {
  const [perWork, perIdentity] = columns[what];
  return offer[perWork][0] * work + offer[perIdentity][0] * names;
}

/** Dollars per smallest unit at which the coins issued in the epoch are worth what was quoted; 0 where none are quoted. */
function coinPrice({ world, epochs }: WorldRun, work: readonly DeliveryRow[], chosen: number): number {
  const { offer, postings } = epochs[chosen];
  const all = work.reduce((sum, { quantity }) => sum + quantity, 0);
  const quoted = paid(offer, "coin", { work: all, names: work.length });
  if (quoted === 0) return 0;
  const { coin, issuer } = world.context;
  const issued = sumOf(postings, ({ asset, from }) => asset === coin && from === issuer);
  // Where work falls short of a block there is no price yet.
  fc.pre(issued > 0);
  return quoted / issued;
}

/** Cash that goes to providers, or to the vault for them, when everybody delivers more than was quoted for, dollars. */
function fundsOf({ world, epochs }: WorldRun, chosen: number): number {
  const { cash, vault, providers } = world.context;
  const isPay = ({ asset, from, to }: PostingRow): boolean =>
    asset === cash && from >= providers.count && (to === vault || to < providers.count) && from !== vault;
  return sumOf(epochs[chosen].postings, isPay) / 1e6;
}

const sumOf = (postings: readonly PostingBatch[], counts: (row: PostingRow) => boolean): number =>
  postingRows(postings).reduce((sum, row) => sum + (counts(row) ? row.amount : 0), 0);

function worthOf({ world }: WorldRun, out: WorldRun, price: number): number {
  const { cash, coin, vault } = world.context;
  const has = (asset: number): number =>
    world.ledger.balance(chooser, asset) + world.ledger.balance(vault, asset) - out.world.ledger.balance(vault, asset);
  return has(cash) / 1e6 + price * has(coin);
}
