/** The sourced figures that an economy rests on: those of the devices, links and regions that it names, and its scaling law. */

import type { Source } from "@shardlab/contracts";
import { device as deviceOf } from "@shardlab/devices";
import { scalingLaws } from "./scaling-law.ts";
import type { EconomySpec } from "./spec.ts";
import { frontierFigures } from "./tables/frontier-compute.ts";
import { link as linkOf } from "./tables/links.ts";
import { region as regionOf } from "./tables/regions.ts";

/** @property value in `unit`; null where a whole law is meant. */
export interface FigureUsed {
  readonly of: string;
  readonly what: string;
  readonly value: number | null;
  readonly unit: string;
  readonly source: Source;
}

const distinct = <Key extends string>(names: readonly Key[]): Key[] => [...new Set(names)].sort();

export function figuresUsed({ providers, scalingLaw, crossing }: EconomySpec): FigureUsed[] {
  const devices = distinct(providers.map(({ device }) => device)).flatMap((kind): FigureUsed[] => {
    const device = deviceOf(kind);
    const { specification, price, rental } = device.sources;
    return [
      { of: kind, what: "peak", value: device.bf16FlopPerSecond / 1e12, unit: "TFLOP/s", source: specification },
      { of: kind, what: "power", value: device.boardWatts, unit: "W", source: specification },
      { of: kind, what: "price", value: device.priceDollars, unit: "$", source: price },
      { of: kind, what: "rental", value: device.rentalDollarsPerHour, unit: "$/h", source: rental },
    ];
  });
  const links = distinct(providers.map(({ link }) => link)).flatMap((kind): FigureUsed[] => {
    const link = linkOf(kind);
    const { speed, latency, availability } = link.sources;
    return [
      { of: kind, what: "uplink", value: link.upBytesPerSecond / 1e6, unit: "MB/s", source: speed },
      { of: kind, what: "downlink", value: link.downBytesPerSecond / 1e6, unit: "MB/s", source: speed },
      { of: kind, what: "latency", value: link.latencySeconds * 1e3, unit: "ms", source: latency },
      { of: kind, what: "availability", value: link.availability, unit: "share", source: availability },
    ];
  });
  const regions = distinct(providers.map(({ region }) => region)).map((kind): FigureUsed => {
    const { electricityDollarsPerJoule, sources } = regionOf(kind);
    const perKilowattHour = electricityDollarsPerJoule * 3.6e6;
    return { of: kind, what: "electricity", value: perKilowattHour, unit: "$/kWh", source: sources.electricity };
  });
  const law: FigureUsed = {
    ...{ of: scalingLaw, what: "scaling law", value: null, unit: "" },
    source: scalingLaws[scalingLaw].source,
  };
  const lab = (crossing === undefined ? [] : frontierFigures).map(
    ({ what, value, unit, sources }): FigureUsed => ({ of: "closed lab", what, value, unit, source: sources.figure }),
  );
  return [...devices, ...links, ...regions, law, ...lab];
}
