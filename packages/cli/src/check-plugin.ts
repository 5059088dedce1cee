/** The steps of `shardlab check`: load the plugin, run every check of its family, say which failed and in what world. */
import type { Mechanism } from "@shardlab/contracts";
import type { MechanismPlugin } from "@shardlab/experiment";
import { exitCodes, type Terminal } from "./terminal.ts";

export interface CheckOptions {
  readonly worlds: number;
  readonly seed: number;
  readonly format: "text" | "json";
}

/** @property counterExample what failed, and the smallest world found in which it does; null for a check that held. */
interface Verdict {
  readonly parameters: string;
  readonly check: string;
  readonly counterExample: string | null;
}

/** Sets of parameters drawn from the spec, beside the defaults. */
const drawnParameters = 4;

export async function checkPlugin(file: string, options: CheckOptions, terminal: Terminal): Promise<void> {
  const { loadMechanismPlugin, repeatabilityFaults } = await import("@shardlab/experiment");
  const plugin = await loadMechanismPlugin(file, process.cwd());
  const faults = repeatabilityFaults(plugin.code);
  const repeatable: Verdict = {
    parameters: "any",
    check: "uses nothing that differs between machines or moments",
    counterExample: faults.length === 0 ? null : faults.join("; "),
  };
  const verdicts = [repeatable, ...(await conformance(plugin, options, terminal))];
  const failed = verdicts.filter(({ counterExample }) => counterExample !== null);
  if (options.format === "json") {
    const { kind, hash } = plugin;
    terminal.print(JSON.stringify({ kind, hash, ...options, verdicts }, null, 2));
  } else for (const line of verdictLines(plugin, verdicts)) terminal.print(line);
  if (failed.length > 0) {
    terminal.note(`${failed.length} of ${verdicts.length} checks failed`);
    terminal.exitWith(exitCodes.runFailed);
    return;
  }
  terminal.note(
    `all ${verdicts.length} checks held; next: a scenario with plugins: [${file}] and mechanism: ${plugin.kind}`,
  );
}

async function conformance(plugin: MechanismPlugin, { worlds, seed }: CheckOptions, terminal: Terminal) {
  const { mechanismConformance, randomSpecInputs } = await import("@shardlab/testing");
  const { kind, spec, create } = plugin;
  const hasDefaults = spec.safeParse({ kind }).success;
  const inputs = [...(hasDefaults ? [{ kind }] : []), ...randomSpecInputs(spec, drawnParameters, seed)];
  const verdicts: Verdict[] = [];
  for (const [index, input] of inputs.entries()) {
    const parameters = JSON.stringify(input);
    const make = (): Mechanism => create(spec.parse(input));
    for (const { name, run } of mechanismConformance(make, { worlds, seed: seed + index })) {
      verdicts.push({ parameters, check: name, counterExample: counterExampleOf(run) });
      if (terminal.isInteractive) terminal.redraw(`set ${index + 1} of ${inputs.length} of parameters: ${name}`);
      if (terminal.interrupted.aborted) return verdicts;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return verdicts;
}

/** What went wrong, and the world that fast-check has shrunk to. */
function counterExampleOf(run: () => void): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Each check once, and below it the parameters with which it failed. */
function verdictLines({ kind, hash }: MechanismPlugin, verdicts: readonly Verdict[]): string[] {
  const lines = [`${kind} (content ${hash})`];
  for (const check of new Set(verdicts.map((verdict) => verdict.check))) {
    const ofCheck = verdicts.filter((verdict) => verdict.check === check);
    const failed = ofCheck.filter(({ counterExample }) => counterExample !== null);
    lines.push(`  ${failed.length === 0 ? "holds " : "FAILS "} ${check}`);
    const [first] = failed;
    if (first === undefined) continue;
    lines.push(
      `          with ${first.parameters}${failed.length > 1 ? ` and ${failed.length - 1} other sets of parameters` : ""}`,
    );
    for (const line of readable(first.counterExample ?? "")) lines.push(`          ${line}`);
  }
  return lines;
}

const longestExample = 12;

/** fast-check's message without its stack trace and hints. */
function readable(message: string): string[] {
  const lines = message.split("\n").filter((line) => line.trim() !== "" && !/^(\s+at |Hint:|Got )/.test(line));
  return lines.length > longestExample ? [...lines.slice(0, longestExample), "..."] : lines;
}
