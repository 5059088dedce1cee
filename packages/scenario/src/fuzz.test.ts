import { expect, it } from "vitest";
import { type Fault, formatFault } from "./fault.ts";
import { mutatedScenario, validScenarios } from "./fixtures/mutated-scenarios.ts";
import { type LoadResult, loadScenario } from "./load.ts";
import { pluginPathsIn } from "./plugins.ts";

const shards = 10;
const filesOfShard = 1000;
const longestSeconds = 2;
const longestMessage = 700;

/** What no answer to a person may look like. */
const unclean = /cannot be read|undefined|\[object|NaN|\bat \S+ \(|\p{Cc}/u;

function problemOf(fault: Fault, lines: readonly string[]): string | undefined {
  if (unclean.test(fault.message) || fault.message.length > longestMessage) return `unclean: ${fault.message}`;
  const width = lines[fault.line - 1]?.length;
  const isInside = width !== undefined && fault.column >= 1 && fault.column <= width + 1;
  if (!isInside) return `outside of the file: ${fault.line}:${fault.column}`;
  return /^x\.yaml:\d+:\d+ [^ ]/.test(formatFault("x.yaml", fault)) ? undefined : "no format";
}

function timed(source: string | Uint8Array): { result: LoadResult; seconds: number } {
  const start = performance.now();
  const result = loadScenario(source, { file: "x.yaml" });
  return { result, seconds: (performance.now() - start) / 1000 };
}

/** What is wrong with the answer to one file. */
function problemsOf(source: string | Uint8Array, result: LoadResult): readonly string[] {
  if (result.ok) return [];
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  const lines = text.replace(/^\ufeff/, "").split("\n");
  if (result.faults.length === 0) return ["no fault"];
  return result.faults.flatMap((fault) => problemOf(fault, lines) ?? []);
}

it("starts from valid files", () => {
  for (const text of validScenarios) expect(loadScenario(text, { file: "x.yaml" })).toMatchObject({ ok: true });
});

it.each(Array.from({ length: shards }, (_, shard) => shard))(
  `answers cleanly and in time to ${filesOfShard} mutated files, part %i`,
  (shard) => {
    const problems: string[] = [];
    let valid = 0;
    for (let index = shard * filesOfShard; index < (shard + 1) * filesOfShard; index++) {
      const source = mutatedScenario(index);
      const { result, seconds } = timed(source);
      // A busy machine may have been slow; the file is to blame only where it is slow again.
      if (seconds > longestSeconds && timed(source).seconds > longestSeconds) problems.push(`${index}: ${seconds} s`);
      if (result.ok) valid += 1;
      for (const problem of problemsOf(source, result)) problems.push(`${index}: ${problem}`);
      if (index % 10 === 0) pluginPathsIn(source);
    }
    expect(problems).toEqual([]);
    // Most mutations break something, and some do not; otherwise the test would be testing nothing.
    expect(valid).toBeGreaterThan(filesOfShard / 50);
    expect(valid).toBeLessThan(filesOfShard / 2);
  },
);
