/** Files that a scenario of the swarm names: their content decides its runs as much as the scenario does. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isSwarm, type Scenario, type SwarmScenario } from "@shardlab/scenario";

/** Texts that are trained on, and traces of who is there. */
function namedFiles({ engine, training, simulation }: SwarmScenario): readonly string[] {
  const { data } = training;
  const { population } = simulation.presence;
  const presence = engine === "simulation" && population !== undefined ? Object.entries(population) : [];
  return [
    ...(data.kind === "local-text" ? [data.path] : []),
    ...presence.flatMap(([key, value]) => (key === "file" && typeof value === "string" ? [value] : [])),
  ];
}

/** SHA-256 over a file; of one that cannot be read its code, since a run will say so. */
function digestOf(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unreadable";
  }
}

/** What stands for the content of the files that a scenario names; undefined where it names none. */
export function inputDigest(scenario: Scenario): string | undefined {
  const files = isSwarm(scenario) ? namedFiles(scenario) : [];
  return files.length === 0 ? undefined : files.map(digestOf).join(" ");
}
