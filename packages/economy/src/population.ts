/** The compute providers, one column per attribute. */
import { flopPerWork, microsPerDollar } from "@shardlab/contracts";
import { device } from "@shardlab/devices";
import { exp, log } from "@shardlab/numerics";
import type { Streams } from "@shardlab/random";
import { epochSeconds, secondsPerHour } from "./epoch.ts";
import { linkUtilization } from "./link-utilization.ts";
import type { EconomySpec, ProviderGroup } from "./spec.ts";
import { logNormalDraws } from "./spread-draws.ts";
import { link } from "./tables/links.ts";
import { region } from "./tables/regions.ts";

/** A run of providers of one group who decide on the same day. */
export interface RevisionBlock {
  readonly group: number;
  /** Index of the first provider in the columns, and in its group. */
  readonly first: number;
  readonly member: number;
  readonly count: number;
}

/** Columns have one row per provider; money is dollars per epoch unless named otherwise. */
export interface Population {
  readonly count: number;
  readonly groups: readonly ProviderGroup[];
  /** Name of the stream that each group's decisions are drawn from. */
  readonly choiceStreams: readonly string[];
  readonly groupOf: Uint8Array;
  /** Verified work that a provider does in an epoch, PFLOP, after waiting for its link. */
  readonly workPerEpoch: Float64Array;
  readonly electricity: Float64Array;
  /** Electricity, wear and attention, for a provider at work. */
  readonly runningCost: Float64Array;
  /** What the provider forgoes by working here. */
  readonly opportunity: Float64Array;
  /** Rental value of what it owns: the unit of its decision noise. */
  readonly rentalValue: Float64Array;
  /** What giving is worth at full appeal. */
  readonly warmGlow: Float64Array;
  /** Relative risk aversion over twice the wealth, per dollar. */
  readonly riskPerDollar: Float64Array;
  readonly discountClass: Uint8Array;
  /** Factor on everybody's belief about revenue. */
  readonly optimism: Float64Array;
  readonly wealthMicros: Float64Array;
  /** Model whose designers the provider belongs to; -1 for none. */
  readonly designerOf: Int8Array;
  /** Discount rate per epoch of each class. */
  readonly discountRates: Float64Array;
  /** Blocks by the day of the revision period on which they decide. */
  readonly blocksByPhase: readonly (readonly RevisionBlock[])[];
}

/** Discount rates are kept in this many logarithmic classes, so that a valuation is a look-up. */
const discountClasses = 16;
/** Members of the smallest and of the largest block. */
const smallestBlock = 16;
export const largestBlock = 256;
/** Blocks of each group that decide on one day, where they can be larger than the smallest. */
const blocksPerDay = 64;

/** What the books can carry in a posting; whoever has two billion dollars is short of none. */
const largestOpeningMicros = 2 ** 51;

/** Cash that a party opens with, micro-dollars. */
export function openingMicros(wealthDollars: number): number {
  return Math.min(largestOpeningMicros, Math.floor(wealthDollars * microsPerDollar));
}

export function buildPopulation(spec: EconomySpec, streams: Streams, revisionEpochs: number): Population {
  const count = spec.providers.reduce((sum, group) => sum + group.count, 0);
  const rates = new Float64Array(count);
  const column = () => new Float64Array(count);
  const population = {
    count,
    groups: spec.providers,
    choiceStreams: spec.providers.map(({ group }) => `choice/${group}`),
    groupOf: new Uint8Array(count),
    workPerEpoch: column(),
    electricity: column(),
    runningCost: column(),
    opportunity: column(),
    rentalValue: column(),
    warmGlow: column(),
    riskPerDollar: column(),
    optimism: column(),
    wealthMicros: column(),
    designerOf: new Int8Array(count).fill(-1),
  };
  let first = 0;
  for (const [index, group] of spec.providers.entries()) {
    population.groupOf.fill(index, first, first + group.count);
    const model = spec.models.findIndex(({ name }) => name === group.designerOf);
    population.designerOf.fill(model, first, first + group.count);
    fillGroup(spec, streams, group, first, population, rates);
    first += group.count;
  }
  const { discountClass, discountRates } = classifyRates(rates);
  // Each group of speculators discounts at a rate of its own, in a class after those of the providers.
  const speculating = (spec.speculators ?? []).map(({ discountRate }) => discountRate * epochSeconds);
  const allRates = Float64Array.of(...discountRates, ...speculating);
  return {
    ...population,
    discountClass,
    discountRates: allRates,
    blocksByPhase: layOutBlocks(spec.providers, revisionEpochs),
  };
}

type GroupColumns = Pick<
  Population,
  | "workPerEpoch"
  | "electricity"
  | "runningCost"
  | "opportunity"
  | "rentalValue"
  | "warmGlow"
  | "riskPerDollar"
  | "optimism"
  | "wealthMicros"
>;

function fillGroup(
  spec: EconomySpec,
  streams: Streams,
  group: ProviderGroup,
  first: number,
  columns: GroupColumns,
  rates: Float64Array,
): void {
  const hardware = device(group.device);
  const uplink = link(group.link).upBytesPerSecond;
  const dollarsPerJoule = region(group.region).electricityDollarsPerJoule;
  const draw = (attribute: string, median: number, spread: number): Float64Array =>
    logNormalDraws(streams, `provider/${group.group}/${attribute}`, { count: group.count, median, spread });
  const devices = draw("devices", group.devices, group.devicesSpread);
  const opportunity = draw("opportunity", group.opportunity, group.opportunitySpread);
  const glow = draw("warm-glow", group.warmGlow, group.warmGlowSpread);
  const rate = draw("discount-rate", group.discountRate, group.discountRateSpread);
  const wealth = draw("wealth", group.wealth, group.wealthSpread);
  const optimism = draw("optimism", 1, group.optimism);
  for (let member = 0; member < group.count; member++) {
    const i = first + member;
    const reachableSeconds = epochSeconds * group.availability;
    const flopPerSecond = devices[member] * hardware.bf16FlopPerSecond * spec.training.utilization;
    const busy = linkUtilization(flopPerSecond, spec.training.communication, uplink);
    const deviceSeconds = devices[member] * reachableSeconds;
    const rental = (hardware.rentalDollarsPerHour / secondsPerHour) * deviceSeconds;
    columns.workPerEpoch[i] = (flopPerSecond * busy * reachableSeconds) / flopPerWork;
    columns.electricity[i] = hardware.boardWatts * dollarsPerJoule * deviceSeconds;
    columns.runningCost[i] = columns.electricity[i] + group.upkeep * deviceSeconds;
    // Renting out also draws power; whoever cannot cover that leaves the device idle.
    columns.opportunity[i] = Math.max(0, rental * opportunity[member] - columns.electricity[i]);
    columns.rentalValue[i] = rental;
    columns.warmGlow[i] = glow[member] * deviceSeconds;
    columns.wealthMicros[i] = openingMicros(wealth[member] * devices[member]);
    columns.riskPerDollar[i] = group.riskAversion / (2 * Math.max(1, wealth[member] * devices[member]));
    columns.optimism[i] = optimism[member];
    rates[i] = rate[member] * epochSeconds;
  }
}

/** Classes of discount rate, evenly spaced in the logarithm between the lowest and the highest. */
function classifyRates(rates: Float64Array): { discountClass: Uint8Array; discountRates: Float64Array } {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const rate of rates) {
    low = Math.min(low, rate);
    high = Math.max(high, rate);
  }
  const discountClass = new Uint8Array(rates.length);
  if (high <= low || low <= 0) {
    const distinct = low < high ? [low, high] : [low];
    if (low < high) for (let i = 0; i < rates.length; i++) discountClass[i] = rates[i] > high / 2 ? 1 : 0;
    return { discountClass, discountRates: Float64Array.from(distinct) };
  }
  const logLow = log(low);
  const step = (log(high) - logLow) / (discountClasses - 1);
  for (let i = 0; i < rates.length; i++) discountClass[i] = Math.round((log(rates[i]) - logLow) / step);
  return {
    discountClass,
    discountRates: Float64Array.from({ length: discountClasses }, (_, k) => exp(logLow + step * k)),
  };
}

/**
 * Blocks of neighbours take turns over the days of the revision period, so that not everybody decides at once. Those of large groups
 * are larger: what one day reads of each column are then runs that a processor fetches ahead.
 */
function layOutBlocks(groups: readonly ProviderGroup[], revisionEpochs: number): RevisionBlock[][] {
  const blocksByPhase: RevisionBlock[][] = Array.from({ length: revisionEpochs }, () => []);
  let first = 0;
  for (const [group, { count }] of groups.entries()) {
    const whole = Math.floor(count / (revisionEpochs * blocksPerDay * smallestBlock));
    const members = smallestBlock * Math.max(1, Math.min(whole, largestBlock / smallestBlock));
    for (let member = 0; member < count; member += members) {
      const phase = (member / members + group) % revisionEpochs;
      const block = { group, first: first + member, member, count: Math.min(members, count - member) };
      blocksByPhase[phase].push(block);
    }
    first += count;
  }
  return blocksByPhase;
}
