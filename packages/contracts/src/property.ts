/**
 * Properties of mechanisms: what a rule can claim of itself, and under which circumstances.
 *
 * Most properties are about postings alone and are claimed for every world. Two are about one participant's choice in one
 * epoch, and hold only where its circumstances are right: a claim of those is a predicate over circumstances.
 */

/** Properties of the postings of a mechanism, whoever behaves how. */
export const structuralProperties = [
  "budget-balance",
  "no-creation-from-nothing",
  "symmetry",
  "order-independence",
  "sybil-proofness",
  "monotonicity",
] as const;

/**
 * Properties that a mechanism can claim; the conformance suite holds it to each.
 *
 * @property budget-balance pays no more than came in, and leaves nothing lying.
 * @property no-creation-from-nothing cash and coins come from somebody.
 * @property individual-rationality whoever works honestly for a pay that covers its cost is no worse off than staying out.
 * @property incentive-compatibility honest work is worth at least as much as cheated work.
 * @property sybil-proofness several names get no more than one.
 * @property collusion-resistance a coalition that pools, spreads or swaps its work gets no more, together.
 * @property monotonicity more work gets no less.
 * @property symmetry participants who swap places swap what they get.
 * @property null-player whoever delivers nothing, or only what trains nothing, gets nothing.
 * @property order-independence the order of deliveries within an epoch does not matter.
 * @property no-retroactive-confiscation what was granted stays granted, apart from declared stake after a verdict.
 * @property explainability every posting has one cause, and one epoch made again gives everybody the same.
 */
export const mechanismProperties = [
  "budget-balance",
  "no-creation-from-nothing",
  "individual-rationality",
  "incentive-compatibility",
  "sybil-proofness",
  "collusion-resistance",
  "monotonicity",
  "symmetry",
  "null-player",
  "order-independence",
  "no-retroactive-confiscation",
  "explainability",
] as const;
export type MechanismProperty = (typeof mechanismProperties)[number];

/** One epoch's choice of one provider, in numbers. Money is in dollars for the whole epoch. */
export interface Circumstances {
  /** C: cost of the honest work. */
  readonly costDollars: number;
  /** Part of the quoted pay that is cash. */
  readonly cashPayDollars: number;
  /** Part of the quoted pay that is coins, and ownership at what it comes to earn. */
  readonly otherPayDollars: number;
  /** Cash quoted to everybody who works for the model in this epoch, and the most that the rule has to pay for it. */
  readonly owedDollars: number;
  readonly fundsDollars: number;
  /** Stake that the offer asks for. What a verdict takes of it is S. */
  readonly stakeDollars: number;
  readonly wealthDollars: number;
  /** p: chance that the work is audited. */
  readonly auditRate: number;
  /** d: chance that an audit finds cheated work. */
  readonly detection: number;
  /** f: chance that an audit finds honest work bad. */
  readonly falsePositive: number;
  /** phi: share of the cost that cheating saves. */
  readonly costSaved: number;
  /** s: share of the model's coming revenue that the provider can expect when it cheats. */
  readonly revenueShare: number;
  /** dV: revenue that the model loses by the cheating. */
  readonly damageDollars: number;
}

/** Where a property is claimed. */
export interface ClaimCondition {
  readonly property: MechanismProperty;
  /** The condition as a formula over the letters of `Circumstances`. */
  readonly statement: string;
  /** Why the property holds exactly where the condition does. */
  readonly proof: string;
  holds(circumstances: Circumstances): boolean;
}

/** Pay w: as quoted; where there is less cash than was quoted, everybody gets the same share of it. */
function payOf({ cashPayDollars, otherPayDollars, owedDollars, fundsDollars }: Circumstances): number {
  return (owedDollars > fundsDollars ? fundsDollars / owedDollars : 1) * cashPayDollars + otherPayDollars;
}

const individualRationality = (forfeit: number): ClaimCondition => ({
  property: "individual-rationality",
  statement: "w - C - p f (w + S) >= 0 and the stake asked for <= wealth",
  proof:
    "Honest work earns w unless it is audited (p) and wrongly found bad (f); then it earns nothing and the stake S is lost. " +
    "Its expected gain over staying out is (1 - p f) w - p f S - C = w - C - p f (w + S). Whoever lacks the stake cannot take part.",
  holds: (circumstances) => {
    const { costDollars, auditRate, falsePositive, stakeDollars, wealthDollars } = circumstances;
    const pay = payOf(circumstances);
    const lost = auditRate * falsePositive * (pay + forfeit * stakeDollars);
    return pay - costDollars - lost >= 0 && stakeDollars <= wealthDollars;
  },
});

const incentiveCompatibility = (forfeit: number): ClaimCondition => ({
  property: "incentive-compatibility",
  statement: "phi C <= p (d - f) (w + S) + s dV",
  proof:
    "Honest work is worth (1 - p f) w - p f S - C, cheated work (1 - p d) w - p d S - (1 - phi) C - s dV, because the " +
    "provider bears its share s of the damage dV. The difference is p (d - f) (w + S) + s dV - phi C.",
  holds: (circumstances) => {
    const { costSaved, costDollars, auditRate, detection, falsePositive, stakeDollars } = circumstances;
    const { revenueShare, damageDollars } = circumstances;
    const atRisk = payOf(circumstances) + forfeit * stakeDollars;
    return costSaved * costDollars <= auditRate * (detection - falsePositive) * atRisk + revenueShare * damageDollars;
  },
});

/**
 * Where honest work is worth it, for a rule that pays what it quotes and takes this share of the stake upon a verdict.
 *
 * The audit threshold is the inspection game's (Becker, "Crime and punishment: an economic approach", 1968; Avenhaus, von
 * Stengel and Zamir, "Inspection games", 2002), with false positives and with the damage that an owner does to itself.
 *
 * @param forfeit share of the stake asked for that is lost, 0 to 1; S in the statements.
 */
export const conditionsForfeiting = (forfeit: number): readonly ClaimCondition[] => [
  individualRationality(forfeit),
  incentiveCompatibility(forfeit),
];

/**
 * Where a rule claims individual rationality and incentive compatibility that claims them and states no conditions of its
 * own: it pays what it quotes, and a verdict takes the whole stake.
 */
export const standardConditions: readonly ClaimCondition[] = conditionsForfeiting(1);
