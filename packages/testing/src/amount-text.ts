/** Amounts and circumstances as counter-examples tell them. */
import type { Circumstances } from "@shardlab/contracts";
import type { AssetDefinition } from "@shardlab/ledger";

/** `−$0.447`, `3.5 coin` or `12 units of ownership/toy`: exact, from smallest units. */
export function amountText(units: bigint | number, { name, unit, decimals }: AssetDefinition): string {
  const whole = BigInt(units);
  const digits = (whole < 0n ? -whole : whole).toString().padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  const fraction = digits.slice(point).replace(/0+$/, "");
  const number = `${digits.slice(0, point)}${fraction === "" ? "" : `.${fraction}`}`;
  const sign = whole < 0n ? "−" : "";
  if (unit === "$") return `${sign}$${number}`;
  return decimals === 0 ? `${sign}${number} units of ${name}` : `${sign}${number} ${name}`;
}

/** `−$0.447`: dollars to so many significant digits. */
export const dollarText = (dollars: number, digits = 6): string =>
  `${dollars < 0 ? "−" : ""}$${Number(Math.abs(dollars).toPrecision(digits))}`;

/** The words for what one epoch of work depends on, in the order in which they are told. */
const words = {
  costDollars: "cost",
  cashPayDollars: "cash pay",
  otherPayDollars: "other pay",
  stakeDollars: "stake",
  wealthDollars: "wealth",
  auditRate: "audited",
  detection: "cheating found",
  falsePositive: "honest work found bad",
  costSaved: "cost saved by cheating",
  revenueShare: "own share of revenue",
  damageDollars: "damage to revenue",
  owedDollars: "owed to all",
  fundsDollars: "funds",
} as const satisfies Record<keyof Circumstances, string>;

/** `cost $7.01, cash pay $6.57, audited 27.3 %`: what is neither nothing nor without end, to four digits. */
export function circumstancesText(circumstances: Circumstances): string {
  const told = Object.entries(words).flatMap(([key, label]) => {
    const value = circumstances[key as keyof Circumstances];
    if (value === 0 || !Number.isFinite(value)) return [];
    const text = key.endsWith("Dollars") ? dollarText(value, 4) : `${Number((100 * value).toPrecision(4))} %`;
    return [`${label} ${text}`];
  });
  return told.join(", ");
}
