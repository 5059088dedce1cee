/** What is stored of the properties of every mechanism: each counter-example still is one, and no property is left open. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type MechanismProperty, mechanismProperties } from "@shardlab/contracts";
import { mechanismCatalogue, mechanismFrom } from "@shardlab/experiment/mechanism-catalogue";
import { checkOf, type WorldPlan } from "@shardlab/testing";
import { describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";

const folder = join(root, "packages/testing/counter-examples");

interface CounterExample {
  readonly property: MechanismProperty;
  readonly mechanism: unknown;
  readonly plan: WorldPlan;
  readonly found: string;
}

interface Survived {
  readonly mechanism: unknown;
  readonly properties: Partial<
    Record<
      MechanismProperty,
      { readonly verdict: string; readonly isClaimed: boolean; readonly cases: number; readonly reason?: string }
    >
  >;
}

const read = (kind: string, name: string): unknown =>
  JSON.parse(readFileSync(join(folder, kind, `${name}.json`), "utf8"));
const kinds = readdirSync(folder).sort();

const examples = kinds.flatMap((kind) =>
  readdirSync(join(folder, kind))
    .filter((file) => file !== "survived.json")
    .map((file): [string, string, CounterExample] => {
      const name = file.replace(/\.json$/, "");
      return [kind, name, read(kind, name) as CounterExample];
    }),
);

describe("stored counter-examples", () => {
  it.each(examples)("%s does not have %s", (kind, name, { property, mechanism, plan, found }) => {
    expect(property).toBe(name);
    const create = () => mechanismFrom(mechanism);
    expect(create().kind).toBe(kind);
    expect(create().claims).not.toContain(property);
    let message = "nothing";
    try {
      checkOf(create(), property)(create, plan);
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
    expect(message).toBe(found);
  });

  it("are of mechanisms that there are", () => {
    const known = mechanismCatalogue().map(({ kind }) => kind);
    expect(kinds.filter((kind) => !known.includes(kind))).toEqual([]);
  });
});

/** What is wrong with what is stored of one property. */
function faultOf(kind: string, property: MechanismProperty, isClaimed: boolean): string | undefined {
  const isRefuted = existsSync(join(folder, kind, `${property}.json`));
  const survived = existsSync(join(folder, kind, "survived.json"))
    ? (read(kind, "survived") as Survived).properties[property]
    : undefined;
  if (isRefuted) return survived === undefined ? undefined : `${property}: both refuted and survived`;
  if (survived === undefined) return `${property}: neither counter-example nor survival`;
  if (survived.isClaimed !== isClaimed) return `${property}: claimed now or then, but not both`;
  if (survived.verdict === "not-applicable") return survived.reason ? undefined : `${property}: no reason`;
  return survived.cases >= 20 ? undefined : `${property}: only ${survived.cases} cases`;
}

describe("every property of every mechanism", () => {
  it.each(mechanismCatalogue().map((entry) => [entry.kind, entry] as const))("%s has all cells", (kind, { create }) => {
    const { claims } = create();
    const faults = mechanismProperties.flatMap((property) => faultOf(kind, property, claims.includes(property)) ?? []);
    const remedy = `npx shardlab properties ${kind} --cases 40 --store packages/testing/counter-examples`;
    expect(faults, `made again by: ${remedy}`).toEqual([]);
  });
});
