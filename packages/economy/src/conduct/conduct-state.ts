/** What providers' conduct remembers over the epochs of one path. */
import type { Decide, DecisionTable } from "@shardlab/contracts";
import { type DeliveryRows, deliveryRows } from "../participation.ts";
import { largestBlock } from "../population.ts";
import type { EconomyWorld } from "../world.ts";
import type { Conduct } from "./conduct.ts";
import { valueElasticities } from "./value-elasticity.ts";

/** Everything that moves. */
export interface ConductState {
  readonly conduct: Conduct;
  /** dlnV / dlnC of each model. */
  readonly elasticity: Float64Array;
  /** How each group decides; undefined for the default. */
  readonly decide: readonly (Decide | undefined)[];
  /** Attack that each provider runs; -1 for honest work and for none. */
  readonly attack: Int8Array;
  /** Names under which each provider works. */
  readonly identities: Int32Array;
  /** 1 for whoever was once found bad though honest, 2 once that has made it leave. */
  readonly wronged: Uint8Array;
  /** 1 for whoever has lost stake since its last decision and could not lock it anew. */
  readonly stakeLost: Uint8Array;
  /** What audits found bad in this epoch. */
  readonly verdicts: DeliveryRows;
  /** Work of this epoch that trains each model, net of cheating and audits, PFLOP: not negative. */
  readonly trainingWork: Float64Array;
  /** Cheated and all work that went into each model so far, PFLOP, weighted by the quality that cheating takes. */
  readonly spoiltWork: Float64Array;
  readonly acceptedWork: Float64Array;
  /** Draws of audits in an even epoch and in the next, two for each provider; and the pair of epochs of which each group's are. */
  readonly audits: Float64Array;
  readonly auditPair: Int32Array;
  readonly learning: Learning | undefined;
  readonly table: Table;
  readonly totals: ConductTotals;
}

/** Sums over the path; work in PFLOP. */
export interface ConductTotals {
  delivered: number;
  cheated: number;
  wasted: number;
  caught: number;
  falseVerdicts: number;
  honestExits: number;
  workerEpochs: number;
  identityEpochs: number;
}

/** Of everybody, where anybody learns from pay: cash, units and day of the last decision, what was earned up to it, and how. */
export interface Learning {
  readonly cashMicros: Float64Array;
  /** One column for each model. */
  readonly units: readonly Float64Array[];
  readonly epoch: Int32Array;
  readonly earned: Float64Array;
  /** Option that earned it. */
  readonly option: Int32Array;
}

/** A table of decisions that is filled again and again. */
export interface Table extends DecisionTable {
  rows: number;
  /** Numbers of the providers in the population. */
  readonly member: Int32Array;
  readonly choice: Int32Array;
  /** Names under which each would work, rows x models. */
  readonly names: Int32Array;
  /** One over the rental value of each. */
  readonly scale: Float64Array;
  /** Dollars of stake that each has locked. */
  readonly staked: Float64Array;
}

/** Rows of one table: a flush of decisions of one group. */
const tableRows = 1024;

export function conductState(world: EconomyWorld, conduct: Conduct): ConductState {
  const { population, terms } = world;
  const [people, models] = [population.count, terms.length];
  const names = terms.map(({ name }) => name);
  const attacks = conduct.attacks.map(({ name }) => name);
  const decide = conduct.strategies.map((strategy, group) =>
    strategy?.begin({ providers: population.groups[group].count, models: names, attacks }),
  );
  const learns = conduct.strategies.some((strategy) => strategy?.sees.some((sight) => sight.endsWith("-pay")));
  const column = () => new Float64Array(models);
  return {
    conduct,
    elasticity: valueElasticities(world),
    decide,
    attack: new Int8Array(people).fill(-1),
    identities: new Int32Array(people).fill(1),
    wronged: new Uint8Array(people),
    stakeLost: new Uint8Array(people),
    verdicts: deliveryRows(conduct.foundHonest > 0 || conduct.attacks.some(({ found }) => found > 0) ? people : 0),
    trainingWork: column(),
    spoiltWork: column(),
    acceptedWork: column(),
    audits: new Float64Array(2 * people),
    auditPair: new Int32Array(population.groups.length).fill(-1),
    learning: learns ? learningState(world) : undefined,
    table: emptyTable(models, conduct.attacks.length),
    totals: {
      ...{ delivered: 0, cheated: 0, wasted: 0, caught: 0, falseVerdicts: 0, honestExits: 0 },
      ...{ workerEpochs: 0, identityEpochs: 0 },
    },
  };
}

function learningState({ population, terms }: EconomyWorld): Learning {
  const column = () => new Float64Array(population.count);
  return {
    cashMicros: Float64Array.from(population.wealthMicros),
    units: terms.map(column),
    epoch: new Int32Array(population.count),
    // Who has not decided yet has rested.
    earned: population.opportunity.map((value, i) => value / population.rentalValue[i]),
    option: new Int32Array(population.count),
  };
}

function emptyTable(models: number, attacks: number): Table {
  const options = 1 + models * (1 + attacks);
  const whole = () => new Int32Array(tableRows);
  const real = () => new Float64Array(tableRows);
  return {
    ...{ rows: 0, models, attacks, options },
    ...{ provider: whole(), present: whole(), metOption: whole(), member: whole(), choice: whole() },
    ...{ earned: real(), metEarned: real(), uniforms: real() },
    utilities: new Float64Array(tableRows * options),
    names: new Int32Array(tableRows * models).fill(1),
    scale: real(),
    staked: real(),
  };
}

/** Whether the table has no room for another block of neighbours. */
export const isFull = ({ rows, provider }: Table): boolean => rows + largestBlock > provider.length;
