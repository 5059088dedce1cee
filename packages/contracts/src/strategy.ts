/** How a participant decides: the world lays out what it may choose and shows only what it may know. */

/**
 * What a strategy is shown.
 *
 * @property offer expected utility of every option, from the public offer and from beliefs.
 * @property own-pay what it earned itself since its last decision.
 * @property others-pay what somebody else, met by chance, earned, and by which option.
 * @property own-damage what its cheating does to the value of its own ownership (already within the utilities).
 */
export const sights = ["offer", "own-pay", "others-pay", "own-damage"] as const;
export type Sight = (typeof sights)[number];

/**
 * Those who decide now, one row each. Option 0 is not working; option 1 + model * (1 + attacks) + a is working for a model,
 * honestly (a = 0) or with attack a - 1. Utilities are per epoch, in rental values of what the provider owns.
 */
export interface DecisionTable {
  readonly rows: number;
  readonly models: number;
  readonly attacks: number;
  readonly options: number;
  /** Number of each provider within its group. */
  readonly provider: Int32Array;
  /** rows x options; -Infinity for what cannot be chosen. */
  readonly utilities: Float64Array;
  /** Option that each has chosen before. */
  readonly present: Int32Array;
  /** Mean utility per epoch of each since its last decision. */
  readonly earned: Float64Array;
  /** Of a provider met by chance: its mean utility per epoch up to its own last decision, and the option that brought it. */
  readonly metOption: Int32Array;
  readonly metEarned: Float64Array;
  /** Uniform on [0, 1): one draw for each row. */
  readonly uniforms: Float64Array;
}

/** Who decides: how many they are, what the models are called, and which attacks they know. */
export interface DecidingGroup {
  readonly providers: number;
  readonly models: readonly string[];
  readonly attacks: readonly string[];
}

/** A way of deciding, for one group of providers. */
export interface Strategy {
  readonly kind: string;
  /** What it is shown; the world fills the columns of everything else with NaN. */
  readonly sees: readonly Sight[];
  /** Whose share it counts as its own when it weighs what cheating does to the value of a model: its own, or its whole group's. */
  readonly interest: "own" | "group";
  /** Names that one provider may use, and what each beyond the first costs, dollars per epoch. */
  readonly identities: { readonly most: number; readonly costDollarsPerEpoch: number };
  /** Begins for a group; what it remembers is in the answer's closure alone. */
  begin(group: DecidingGroup): Decide;
}

/** Fills `choice` with an option for each row of the table, and remembers what it learns. */
export type Decide = (table: DecisionTable, choice: Int32Array) => void;

/** Number of the option of working for a model, honestly (`attack` = -1) or with an attack. */
export const optionOf = (model: number, attack: number, attacks: number): number => 2 + model * (1 + attacks) + attack;

/** Model of an option; -1 for not working. */
export const modelOfOption = (option: number, attacks: number): number =>
  option === 0 ? -1 : Math.floor((option - 1) / (1 + attacks));

/** Attack of an option; -1 for honest work and for none. */
export const attackOfOption = (option: number, attacks: number): number =>
  option === 0 ? -1 : ((option - 1) % (1 + attacks)) - 1;
