/**
 * Checks of what depends on circumstances: whether honest work is worth it, and whether it is worth more than cheated work.
 * The claim's condition says where; both sides of its boundary are tried.
 */
import { type Circumstances, type ClaimCondition, type Mechanism, standardConditions } from "@shardlab/contracts";
import fc from "fast-check";
import { circumstancesText, dollarText } from "./amount-text.ts";
import type { WorldPlan } from "./arbitraries.ts";
import { drawSetting, type WorkChoice, type WorkPayoffs, type WorkSetting, workChoice } from "./honest-work.ts";
import { check, type MechanismCheck } from "./mechanism-basics.ts";

export const conditionalProperties = ["individual-rationality", "incentive-compatibility"] as const;
export type ConditionalProperty = (typeof conditionalProperties)[number];

export const isConditional = (property: string): property is ConditionalProperty =>
  (conditionalProperties as readonly string[]).includes(property);

/** The condition under which a mechanism claims a property. */
export function conditionOf(
  { conditions = standardConditions }: Mechanism,
  property: ConditionalProperty,
): ClaimCondition {
  const found = [...conditions, ...standardConditions].find((condition) => condition.property === property);
  if (found === undefined) throw new Error(`no condition of: ${property}`);
  return found;
}

/** What is compared with honest work: staying out, or cheating. */
const alternatives = { "individual-rationality": "out", "incentive-compatibility": "cheated" } as const;

/** What raises what the provider saves by not working honestly, so that near ties can be left to the test of boundaries. */
const harder: Readonly<Record<ConditionalProperty, (setting: WorkSetting) => WorkSetting>> = {
  "individual-rationality": (setting) => ({ ...setting, costDollars: 1.01 * setting.costDollars }),
  "incentive-compatibility": (setting) => ({ ...setting, costSaved: 1.01 * setting.costSaved }),
};

/** What the provider faces. Whoever lacks the stake can neither work honestly nor cheat, so that only one question is about it. */
function settingOf(property: ConditionalProperty, choice: WorkChoice, plan: WorldPlan): WorkSetting {
  const setting = drawSetting(choice, plan);
  return property === "individual-rationality" ? setting : { ...setting, wealthDollars: Number.POSITIVE_INFINITY };
}

/** What is no difference: payments are rounded down to micro-dollars, and a double holds no less of the sums that are weighed. */
const dustDollars = 2e-6;

function checkHonest(property: ConditionalProperty, choice: WorkChoice, setting: WorkSetting): void {
  const payoffs = choice.payoffs(setting);
  const than = alternatives[property];
  check(payoffs.honest + dustDollars >= payoffs[than], () => shortfall(payoffs, than, choice.circumstances(setting)));
}

function shortfall(
  { honest, out, cheated }: WorkPayoffs,
  than: "out" | "cheated",
  circumstances: Circumstances,
): string {
  const gain = (value: number): string => dollarText(value - out);
  const other = than === "out" ? "staying out $0" : `cheated work ${gain(cheated)}`;
  const { stakeDollars, wealthDollars } = circumstances;
  const what = Number.isFinite(honest)
    ? `honest work gains ${gain(honest)}, ${other}`
    : `honest work asks for a stake of ${dollarText(stakeDollars)} from ${dollarText(wealthDollars)} of wealth`;
  return `${what} (where ${circumstancesText(circumstances)})`;
}

/** Holds where the claim's condition does, by at least 1 % of the cost. */
const underCondition =
  (property: ConditionalProperty): MechanismCheck =>
  (create, plan) => {
    const choice = workChoice(create, plan);
    const setting = settingOf(property, choice, plan);
    fc.pre(conditionOf(create(), property).holds(choice.circumstances(harder[property](setting))));
    checkHonest(property, choice, setting);
  };

export const individualRationality: MechanismCheck = underCondition("individual-rationality");
export const incentiveCompatibility: MechanismCheck = underCondition("incentive-compatibility");

/** The same in whatever circumstances: what a mechanism is held to that does not claim the property. */
export const unconditionalChecks: Readonly<Record<ConditionalProperty, MechanismCheck>> = {
  "individual-rationality": (create, plan) => unconditional("individual-rationality", create, plan),
  "incentive-compatibility": (create, plan) => unconditional("incentive-compatibility", create, plan),
};

function unconditional(property: ConditionalProperty, create: () => Mechanism, plan: WorldPlan): void {
  const choice = workChoice(create, plan);
  checkHonest(property, choice, settingOf(property, choice, plan));
}

/** The parameters along which each boundary is crossed. */
export const boundaryParameters = {
  "individual-rationality": ["costDollars", "auditRate", "falsePositive", "wealthDollars"],
  "incentive-compatibility": ["costDollars", "costSaved", "auditRate", "detection", "falsePositive", "damageDollars"],
} as const satisfies Record<ConditionalProperty, readonly (keyof WorkSetting)[]>;

/** How far from the boundary each side is tried. */
const aside = 0.005;

/**
 * Finds where the claim's condition ends along one parameter and tries the mechanism half a per cent to either side: inside,
 * honest work must be worth it, and outside it must not. Draws again where the condition does not end along it.
 */
export function checkBoundary(
  create: () => Mechanism,
  plan: WorldPlan,
  property: ConditionalProperty,
  parameter: keyof WorkSetting,
): void {
  const condition = conditionOf(create(), property);
  const choice = workChoice(create, plan);
  const setting = settingOf(property, choice, plan);
  const at = (value: number): WorkSetting => ({ ...setting, [parameter]: value });
  const holds = (value: number): boolean => condition.holds(choice.circumstances(at(value)));
  const isMoney = parameter.endsWith("Dollars");
  // A model cannot lose more than all of its revenue.
  const limit = parameter === "damageDollars" ? choice.revenueDollars : isMoney ? Number.POSITIVE_INFINITY : 1;
  const highest = Math.min(limit, 4 * (choice.payDollars + choice.revenueDollars));
  const [first, last] = [holds(0), holds(highest)];
  fc.pre(first !== last);
  let [low, high] = [0, highest];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (holds(middle) === first) low = middle;
    else high = middle;
  }
  const [below, above] = [low * (1 - aside), high * (1 + aside)];
  fc.pre(low > 0 && above <= limit && holds(below) === first && holds(above) === last);
  const [inside, outside] = first ? [below, above] : [above, below];
  checkHonest(property, choice, at(inside));
  const { [alternatives[property]]: other, honest } = choice.payoffs(at(outside));
  check(
    honest < other + dustDollars,
    () => `honest work is worth it beyond the boundary, too: ${parameter} ${outside} of ${condition.statement}`,
  );
}
