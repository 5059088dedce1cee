import { describe, expect, it } from "vitest";
import {
  networkRegionKinds,
  networkRegions,
  regionRoundTripSeconds,
  withinRegionSeconds,
} from "./region-round-trips.ts";

/** Latitude and longitude in degrees of the places measured at. */
const places: Readonly<Record<string, readonly [number, number]>> = {
  australia: [-33.9, 151.2],
  brazil: [-23.6, -46.6],
  germany: [50.1, 8.7],
  gulf: [25.3, 55.3],
  india: [18.5, 73.9],
  japan: [35.7, 139.7],
  singapore: [1.3, 103.8],
  "south-africa": [-26.2, 28.0],
  "united-kingdom": [51.5, -0.1],
  "us-central": [41.6, -93.6],
  "us-east": [37.4, -79.0],
  "us-west": [37.8, -122.4],
};

function greatCircleMetres(a: string, b: string): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [[latitudeA, longitudeA], [latitudeB, longitudeB]] = [places[a], places[b]];
  const halfLatitude = Math.sin(radians(latitudeB - latitudeA) / 2);
  const halfLongitude = Math.sin(radians(longitudeB - longitudeA) / 2);
  const chord = halfLatitude ** 2 + Math.cos(radians(latitudeA)) * Math.cos(radians(latitudeB)) * halfLongitude ** 2;
  return 2 * 6_371_000 * Math.asin(Math.sqrt(chord));
}

const pairs = networkRegionKinds.flatMap((a, i) => networkRegionKinds.slice(i + 1).map((b) => [a, b] as const));

describe("round trips between regions", () => {
  it("is sorted, and the same both ways", () => {
    expect(networkRegionKinds).toEqual([...networkRegionKinds].sort());
    expect(networkRegions.map(({ kind }) => kind).sort()).toEqual(Object.keys(places).sort());
    for (const [a, b] of pairs) expect(regionRoundTripSeconds(a, b)).toBe(regionRoundTripSeconds(b, a));
    expect(regionRoundTripSeconds("japan", "japan")).toBe(withinRegionSeconds);
  });

  it("is never faster than light in fibre along the great circle, nor thrice slower but by a detour", () => {
    // Index of refraction 1.468: a misplaced row of the table lands far outside.
    const lightInFibre = 299_792_458 / 1.468;
    for (const [a, b] of pairs) {
      const least = (2 * greatCircleMetres(a, b)) / lightInFibre;
      const measured = regionRoundTripSeconds(a, b);
      expect(measured, `${a} to ${b}`).toBeGreaterThan(least);
      // Brazil reaches South Africa by way of Europe, and so does the Gulf: about as long as the two legs.
      const legs = networkRegionKinds
        .filter((via) => via !== a && via !== b)
        .map((via) => regionRoundTripSeconds(a, via) + regionRoundTripSeconds(via, b));
      const isDetour = legs.some((sum) => Math.abs(sum / measured - 1) < 0.15);
      expect(measured < 3 * least || isDetour, `${a} to ${b}`).toBe(true);
    }
  });

  it("agrees within a quarter with another operator's network", () => {
    // IBM Cloud VPC, average inter-region latency of 18 October to 16 November 2025 (ibm-cloud-docs/vpc), in ms.
    const others: readonly (readonly [string, string, number])[] = [
      ["us-east", "united-kingdom", 75],
      ["us-east", "germany", 86],
      ["us-east", "japan", 139],
      ["us-east", "australia", 215],
      ["us-east", "brazil", 116],
      ["germany", "united-kingdom", 13],
      ["germany", "australia", 249],
      ["germany", "japan", 224],
      ["germany", "brazil", 194],
      ["united-kingdom", "brazil", 185],
      ["united-kingdom", "japan", 236],
      ["united-kingdom", "australia", 260],
      ["australia", "japan", 117],
      ["australia", "brazil", 323],
      ["japan", "brazil", 282],
    ];
    for (const [a, b, milliseconds] of others) {
      const ratio = (1000 * regionRoundTripSeconds(a, b)) / milliseconds;
      expect(Math.abs(ratio - 1), `${a} to ${b}: ${ratio}`).toBeLessThan(0.25);
    }
  });

  it("names the nearest region", () => {
    expect(() => regionRoundTripSeconds("japan", "us-eats")).toThrow("unknown region: us-eats (did you mean us-east?)");
  });
});
