/** The steps of `shardlab check`: load the plugin, run every check of its family, say which failed and in what world. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { type Mechanism, mechanismProperties } from "@shardlab/contracts";
import type { MechanismPlugin } from "@shardlab/experiment";
import type { PropertyVerdict } from "@shardlab/testing";
import { partsOfFinding, worldOf, worldText } from "./counter-example-text.ts";
import { InputError } from "./input-error.ts";
import { shellQuote } from "./shell-quote.ts";
import { exitCodes, type Terminal } from "./terminal.ts";

export interface CheckOptions {
  readonly worlds: number;
  readonly seed: number;
  /** Also run the test beside the plugin, `my-rule.test.ts`. */
  readonly tests?: boolean;
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
  const testFile = options.tests ? testBeside(file) : undefined;
  const verdicts = [repeatable, ...(await conformance(plugin, options, terminal))];
  const properties = await judgedProperties(plugin, options, terminal);
  verdicts.push(...properties.flatMap(boundaryVerdict));
  if (options.format === "json") {
    const { kind, hash } = plugin;
    terminal.print(JSON.stringify({ kind, hash, ...options, verdicts, properties }, null, 2));
  } else {
    for (const line of [...verdictLines(plugin, verdicts), ...unclaimedLines(properties)]) terminal.print(line);
  }
  const failed = verdicts.filter(({ counterExample }) => counterExample !== null);
  const isTested = testFile === undefined || (await runTests(testFile));
  if (failed.length > 0 || !isTested) {
    const checks = `${failed.length} of ${verdicts.length} checks failed`;
    terminal.note(isTested ? checks : `${checks}, and so did ${testFile}`);
    terminal.note(`next: change ${file}, or what it claims, and check again`);
    terminal.exitWith(exitCodes.runFailed);
    return;
  }
  const also = testFile === undefined ? "" : `, and ${testFile} passed`;
  terminal.note(`all ${verdicts.length} checks held${also}`);
  terminal.note(`next: ${nextStep(file, plugin)}`);
}

/** An experiment with the rule: the one beside it, or one to be written. */
function nextStep(file: string, { kind }: MechanismPlugin): string {
  const scenario = file.replace(/\.(ts|js|mjs)$/, ".yaml");
  if (existsSync(scenario)) return `shardlab run ${shellQuote(scenario)}`;
  const plugin = isAbsolute(file) ? file : `./${file.replace(/^\.\//, "")}`;
  return `shardlab run a scenario that has plugins: [${plugin}] and mechanism: ${kind}`;
}

/** @throws InputError where there is none */
function testBeside(file: string): string {
  const test = file.replace(/\.(ts|js|mjs)$/, ".test.$1");
  if (!existsSync(test)) throw new InputError(`no test beside the plugin: ${test} (expected for --tests)`);
  return test;
}

/** Bundles a test as its plugin is bundled, and runs it with Node's own runner; what it prints goes to stderr. */
async function runTests(file: string): Promise<boolean> {
  const { bundlePlugin } = await import("@shardlab/experiment");
  const { module } = await bundlePlugin(file, process.cwd());
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--test-reporter=spec", module], { stdio: ["ignore", 2, 2] });
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0));
  });
}

/** Every property with the default parameters; none where a parameter has no default. */
async function judgedProperties(
  { kind, spec, create }: MechanismPlugin,
  { worlds, seed }: CheckOptions,
  terminal: Terminal,
): Promise<PropertyVerdict[]> {
  const { judgeProperty } = await import("@shardlab/testing");
  const parsed = spec.safeParse({ kind });
  if (!parsed.success) return [];
  const judged: PropertyVerdict[] = [];
  for (const property of mechanismProperties) {
    if (terminal.interrupted.aborted) return judged;
    if (terminal.isInteractive) terminal.redraw(`property: ${property}`);
    judged.push(judgeProperty(() => create(parsed.data), property, { cases: worlds, seed }));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return judged;
}

/** A claim under a condition, tried on both sides of it; other claims are among the checks already. */
function boundaryVerdict({ property, isClaimed, condition, found, plan }: PropertyVerdict): Verdict[] {
  if (!isClaimed || condition === null) return [];
  const counterExample = found === null ? null : `${found}\nCounterexample: [${JSON.stringify(plan)}]`;
  return [{ parameters: "defaults", check: `claims ${property} just where ${condition}`, counterExample }];
}

/** What it does not claim: refuted, or yet to be claimed. */
function unclaimedLines(properties: readonly PropertyVerdict[]): string[] {
  const lines = properties.flatMap(({ property, isClaimed, verdict, cases, found, reason }) => {
    if (isClaimed) return [];
    if (verdict === "counter-example") return [`  lacks  ${property}: ${partsOfFinding(found ?? "").happens}`];
    if (verdict === "not-applicable") return [`  -      ${property}: ${reason}`];
    return [`  keeps  ${property}, and could claim it (survived ${cases} worlds)`];
  });
  return lines.length === 0 ? [] : ["not claimed", ...lines];
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

/** Each check once, and below it the parameters with which it failed; what failed for a reason told already says so. */
function verdictLines({ kind, hash }: MechanismPlugin, verdicts: readonly Verdict[]): string[] {
  const lines = [`${kind} (content ${hash})`];
  const told = new Map<string, string>();
  for (const check of new Set(verdicts.map((verdict) => verdict.check))) {
    const ofCheck = verdicts.filter((verdict) => verdict.check === check);
    const failed = ofCheck.filter(({ counterExample }) => counterExample !== null);
    lines.push(`  ${failed.length === 0 ? "holds " : "FAILS "} ${check}`);
    const [first] = failed;
    if (first === undefined) continue;
    const message = first.counterExample ?? "";
    // Two worlds of one fault differ in numbers alone.
    const fault = partsOfFinding(message).happens.replace(/\d[\d.]*/g, "#");
    const earlier = told.get(fault);
    if (earlier === undefined) {
      told.set(fault, check);
      const others = failed.length - 1;
      const more = others === 0 ? "" : ` and ${others} other ${others === 1 ? "set" : "sets"} of parameters`;
      lines.push(...[`with ${first.parameters}${more}`, ...readable(message)].map((line) => `          ${line}`));
    } else lines.push(`          for the same reason as: ${earlier}`);
  }
  return lines;
}

const longestMessage = 8;

/** What went wrong, and where, without stack traces and what a test runner says besides. */
function readable(message: string): string[] {
  const lines = message.split("\n").filter((line) => line.trim() !== "" && !besides.test(line));
  const world = worldOf(message);
  return [
    ...lines.slice(0, longestMessage),
    ...(lines.length > longestMessage ? ["..."] : []),
    ...(world === undefined ? [] : [`smallest such world found: ${worldText(world)}`]),
  ];
}

const besides = /^(\s+at |Hint:|Got |Property failed|\{ seed: |Counterexample: |Shrunk )/;
