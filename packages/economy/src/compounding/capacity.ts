/** What providers own grows with what they buy: a population of its own for every path. */
import { flopPerWork } from "@shardlab/contracts";
import { type Device, device } from "@shardlab/devices";
import { epochSeconds, secondsPerHour } from "../epoch.ts";
import { linkUtilization } from "../link-utilization.ts";
import type { Population } from "../population.ts";
import { link } from "../tables/links.ts";
import type { EconomyWorld } from "../world.ts";

/** The world with columns of capacity that may change without changing the world of other paths. */
export function withOwnCapacity(world: EconomyWorld): EconomyWorld {
  const { population } = world;
  return {
    ...world,
    population: {
      ...population,
      workPerEpoch: population.workPerEpoch.slice(),
      electricity: population.electricity.slice(),
      runningCost: population.runningCost.slice(),
      opportunity: population.opportunity.slice(),
      rentalValue: population.rentalValue.slice(),
      warmGlow: population.warmGlow.slice(),
    },
  };
}

/** What all providers of a group share. */
export interface GroupCapacity {
  readonly priceDollars: number;
  readonly rentalPerDevice: number;
  readonly flopPerSecondPerDevice: number;
  readonly bytesPerFlop: number;
  readonly uplinkBytesPerSecond: number;
  readonly reachableSeconds: number;
}

export function groupCapacities({ spec, population }: EconomyWorld): GroupCapacity[] {
  return population.groups.map((group) => {
    const hardware: Device = device(group.device);
    const reachableSeconds = epochSeconds * group.availability;
    return {
      priceDollars: hardware.priceDollars,
      rentalPerDevice: (hardware.rentalDollarsPerHour / secondsPerHour) * reachableSeconds,
      flopPerSecondPerDevice: hardware.bf16FlopPerSecond * spec.training.utilization,
      bytesPerFlop: spec.training.communication,
      uplinkBytesPerSecond: link(group.link).upBytesPerSecond,
      reachableSeconds,
    };
  });
}

/** Verified work in an epoch of a provider with so many devices behind one uplink, PFLOP: it grows by less than they do. */
export function workOfDevices(group: GroupCapacity, devices: number): number {
  const flopPerSecond = devices * group.flopPerSecondPerDevice;
  const busy = linkUtilization(flopPerSecond, group.bytesPerFlop, group.uplinkBytesPerSecond);
  return (flopPerSecond * busy * group.reachableSeconds) / flopPerWork;
}

/** Devices of provider i. */
export function devicesOf(population: Population, groups: readonly GroupCapacity[], i: number): number {
  const { rentalPerDevice } = groups[population.groupOf[i]];
  return rentalPerDevice > 0 ? population.rentalValue[i] / rentalPerDevice : 0;
}

/** Adds devices to provider i: costs and gains grow in proportion, work as its uplink allows. */
export function addDevices(population: Population, groups: readonly GroupCapacity[], i: number, added: number): void {
  const devices = devicesOf(population, groups, i);
  if (!(devices > 0)) return;
  const factor = 1 + added / devices;
  for (const column of [
    population.electricity,
    population.runningCost,
    population.opportunity,
    population.rentalValue,
    population.warmGlow,
  ])
    column[i] *= factor;
  population.workPerEpoch[i] = workOfDevices(groups[population.groupOf[i]], devices + added);
}
