/** Stakes that nobody in a scenario could ever lock. */
import { flopPerWork, type Kinded, specsWithin } from "@shardlab/contracts";
import { device } from "@shardlab/devices";
import { exp } from "@shardlab/numerics";
import { epochSeconds } from "../epoch.ts";
import { linkUtilization } from "../link-utilization.ts";
import { link } from "../tables/links.ts";

/** What of a group says how much it works and has. */
export interface StakingGroup {
  readonly group: string;
  readonly device: Parameters<typeof device>[0];
  readonly devices: number;
  readonly devicesSpread: number;
  readonly link: Parameters<typeof link>[0];
  readonly availability: number;
  readonly wealth: number;
  readonly wealthSpread: number;
}

interface Training {
  readonly utilization: number;
  readonly communication: number;
}

/** Standard deviations above the median up to which somebody is taken to be there. */
const tail = 4;

/** The fixed part of a stake, wherever in the rule it is asked for, against what the groups have. */
export function stakeContradictions(mechanism: Kinded, groups: readonly StakingGroup[], training: Training) {
  return specsWithin(mechanism).flatMap((rule, depth) => {
    const { kind, perWork, perIdentity } = rule as Kinded & { perWork?: unknown; perIdentity?: unknown };
    if (kind !== "slashing" || typeof perWork !== "number" || typeof perIdentity !== "number") return [];
    const lacking = groups.map((group) => perWork * workOf(group, training) + perIdentity - wealthOf(group));
    if (lacking.length === 0 || lacking.some((dollars) => dollars <= 0)) return [];
    const most = Math.max(...groups.map(wealthOf));
    const nearest = groups[lacking.indexOf(Math.min(...lacking))];
    const asked = perWork * workOf(nearest, training) + perIdentity;
    const path = ["mechanism", ...Array<string>(depth).fill("of"), perIdentity > 0 ? "perIdentity" : "perWork"];
    const expected = `expected at most $${rounded(most)}, what the richest has`;
    return [{ path, message: `stake that nobody can lock: $${rounded(asked)} in ${nearest.group} (${expected})` }];
  });
}

const rounded = (dollars: number): number => Number(dollars.toPrecision(4));

/** PFLOP that a provider of the group does in an epoch. */
function workOf(group: StakingGroup, { utilization, communication }: Training): number {
  const flopPerSecond = group.devices * device(group.device).bf16FlopPerSecond * utilization;
  const busy = linkUtilization(flopPerSecond, communication, link(group.link).upBytesPerSecond);
  return (flopPerSecond * busy * epochSeconds * group.availability) / flopPerWork;
}

/** Dollars that the richest of the group may have. */
const wealthOf = ({ wealth, devices, wealthSpread, devicesSpread }: StakingGroup): number =>
  wealth * devices * exp(tail * (wealthSpread + devicesSpread));
