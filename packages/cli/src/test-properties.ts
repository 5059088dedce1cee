/** The steps of `shardlab properties`: find the mechanisms, try every property of each, tell and draw what was found. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { alternatives, mechanismProperties } from "@shardlab/contracts";
import type { CatalogueEntry } from "@shardlab/experiment";
import type { PropertyVerdict } from "@shardlab/testing";
import { figureFile, writeFigure } from "./figure-file.ts";
import { InputError } from "./input-error.ts";
import type { JudgedMechanism } from "./judged-mechanism.ts";
import { createProgress } from "./progress.ts";
import { brokenClaims, matrixFigure, matrixLines, matrixPage } from "./property-matrix-text.ts";
import { shellQuote } from "./shell-quote.ts";
import { exitCodes, type Terminal } from "./terminal.ts";

export interface PropertiesOptions {
  readonly cases: number;
  readonly seed: number;
  readonly plugin?: readonly string[];
  readonly page?: string;
  readonly store?: string;
  readonly format: "text" | "json";
}

export async function testProperties(
  kinds: readonly string[],
  options: PropertiesOptions,
  terminal: Terminal,
): Promise<void> {
  const page = options.page === undefined ? undefined : pageFile(options.page);
  const entries = await chosenEntries(kinds, options.plugin ?? []);
  const judged = await judge(entries, options, terminal);
  if (judged === undefined) return;
  if (options.format === "json") {
    terminal.print(JSON.stringify({ cases: options.cases, seed: options.seed, mechanisms: judged }, null, 2));
  } else for (const line of matrixLines(judged)) terminal.print(line);
  if (page !== undefined) await page.write(judged, options);
  if (options.store !== undefined) await store(judged, options.store);
  const broken = brokenClaims(judged);
  if (broken.length > 0) terminal.exitWith(exitCodes.runFailed);
  const claims = judged.flatMap(({ verdicts }) => verdicts.filter(({ isClaimed }) => isClaimed)).length;
  terminal.note(
    broken.length > 0
      ? `${broken.length} of ${claims} claims do not hold: ${broken.join("; ")}`
      : `all ${claims} claims held`,
  );
  terminal.note(`next: ${nextStep(kinds, options)}`);
}

function nextStep(kinds: readonly string[], { page, plugin = [], cases, seed }: PropertiesOptions): string {
  if (page !== undefined) return `open ${page}${/\.html?$/i.test(page) ? " in a browser; it needs no network" : ""}`;
  const same = [...kinds, ...plugin.map((file) => `--plugin ${shellQuote(file)}`)];
  const worlds = [...(cases === 20 ? [] : [`--cases ${cases}`]), ...(seed === 1 ? [] : [`--seed ${seed}`])];
  return ["shardlab properties", ...same, ...worlds, "--page properties.html"].join(" ");
}

interface PageFile {
  write(judged: readonly JudgedMechanism[], options: PropertiesOptions): Promise<void>;
}

/** @throws InputError unless the file ends in .html, .svg or .png. */
function pageFile(path: string): PageFile {
  if (/\.html?$/i.test(path)) {
    return {
      write: async (judged, options) => {
        const { replaceFile } = await import("@shardlab/results");
        replaceFile(path, await matrixPage(judged, options));
      },
    };
  }
  if (!/\.(svg|png)$/i.test(path)) throw new InputError(`unknown kind of page: ${path} (expected .html, .svg or .png)`);
  const file = figureFile(path);
  return { write: (judged, options) => writeFigure(file, matrixFigure(judged, options)) };
}

async function chosenEntries(kinds: readonly string[], plugins: readonly string[]): Promise<readonly CatalogueEntry[]> {
  const { loadMechanismPlugin, mechanismCatalogue } = await import("@shardlab/experiment");
  const catalogue = mechanismCatalogue();
  const known = catalogue.map(({ kind }) => kind);
  for (const kind of kinds) {
    if (known.includes(kind)) continue;
    throw new InputError(`unknown mechanism: ${kind}${alternatives(kind, known)}`);
  }
  const own = await Promise.all(plugins.map((file) => loadMechanismPlugin(file, process.cwd())));
  const ofPlugins = own.map(({ kind, spec, create, file }): CatalogueEntry => {
    const parsed = spec.safeParse({ kind });
    if (!parsed.success)
      throw new InputError(`parameter without a default: ${file} (${parsed.error.issues[0]?.message})`);
    return { kind, label: kind, input: { kind }, create: () => create(parsed.data) };
  });
  // Whoever asks for a mechanism of its own does not ask for all of ours besides.
  const ours = kinds.length > 0 || plugins.length === 0 ? catalogue : [];
  return [...ours.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind)), ...ofPlugins];
}

/** Undefined when the person has stopped it. */
async function judge(
  entries: readonly CatalogueEntry[],
  { cases, seed }: PropertiesOptions,
  terminal: Terminal,
): Promise<readonly JudgedMechanism[] | undefined> {
  const { judgeProperty } = await import("@shardlab/testing");
  const total = entries.length * mechanismProperties.length;
  const progress = createProgress(terminal, "properties");
  const started = performance.now();
  const judged: JudgedMechanism[] = [];
  for (const { kind, label, input, create } of entries) {
    const verdicts: PropertyVerdict[] = [];
    for (const property of mechanismProperties) {
      verdicts.push(judgeProperty(create, property, { cases, seed }));
      const done = judged.length * mechanismProperties.length + verdicts.length;
      const elapsedSeconds = (performance.now() - started) / 1000;
      progress.update({ done, total, secondsLeft: (elapsedSeconds / done) * (total - done) });
      await new Promise((resolve) => setImmediate(resolve));
      if (terminal.interrupted.aborted) {
        progress.finish();
        terminal.note(`stopped after ${done} of ${total} properties`);
        terminal.exitWith(exitCodes.interrupted);
        return undefined;
      }
    }
    judged.push({ kind, label, input, verdicts });
  }
  progress.finish();
  return judged;
}

/**
 * One file for each counter-example, `<kind>/<property>.json`, from which it can be made again, and one for each mechanism,
 * `<kind>/survived.json`, with how many cases the other properties have survived.
 */
async function store(judged: readonly JudgedMechanism[], directory: string): Promise<void> {
  const { replaceFile } = await import("@shardlab/results");
  const write = (file: string, content: unknown): void =>
    replaceFile(join(directory, file), `${JSON.stringify(content, null, 2)}\n`);
  for (const { kind, input, verdicts } of judged) {
    for (const { property, verdict, plan, found } of verdicts) {
      rmSync(join(directory, kind, `${property}.json`), { force: true });
      if (verdict === "counter-example") write(`${kind}/${property}.json`, { property, mechanism: input, plan, found });
    }
    const rest = verdicts.filter(({ verdict }) => verdict !== "counter-example");
    const known = rest.map(({ property, verdict, isClaimed, cases, reason }) => {
      return [property, { verdict, isClaimed, cases, ...(reason === null ? {} : { reason }) }] as const;
    });
    write(`${kind}/survived.json`, { mechanism: input, properties: Object.fromEntries(known) });
  }
}
