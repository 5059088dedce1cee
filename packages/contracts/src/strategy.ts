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
  /** Of a provider met by chance: its option, and its mean utility per epoch. */
  readonly metOption: Int32Array;
  readonly metEarned: Float64Array;
  /** Uniform on [0, 1): one draw for each row. */
  readonly uniforms: Float64Array;
}

/** A way of deciding, for one group of providers. */
export interface Strategy {
  readonly kind: string;
  readonly sees: readonly Sight[];
  /** Whose share and damage it counts as its own when it weighs cheating: its own, or those of its whole group. */
  readonly interest: "own" | "group";
  /** Names that one provider may use, and what each beyond the first costs, dollars per epoch. */
  readonly identities: { readonly most: number; readonly costDollarsPerEpoch: number };
  /** Begins for a group; what it remembers is in the answer's closure alone. */
  begin(group: { readonly providers: number; readonly options: number }): Decide;
}

/** Fills `choice` with an option for each row of the table, and remembers what it learns. */
export type Decide = (table: DecisionTable, choice: Int32Array) => void;
