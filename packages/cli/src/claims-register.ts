/** The steps of `shardlab claims`: check every claim, run what is left of each, judge it, write one page. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ClaimSummary } from "@shardlab/experiment";
import { regionLines, verdictText } from "./claim-content.ts";
import { claimsPage, type JudgedClaim } from "./claims-page.ts";
import { executeMatrix } from "./execute-matrix.ts";
import { InputError } from "./input-error.ts";
import { formatDuration } from "./number-format.ts";
import { type Matrix, matrixOf, plural } from "./run-matrix.ts";
import { loadScenarios, type ScenarioFile } from "./scenario-files.ts";
import { shellQuote } from "./shell-quote.ts";
import { exitCodes, type Terminal } from "./terminal.ts";

export interface ClaimsOptions {
  readonly full?: boolean;
  readonly jobs?: number;
  readonly out: string;
  readonly only?: readonly number[];
  readonly format: "text" | "json";
  readonly set?: readonly string[];
}

/** Where claims are looked for unless files or folders are named. */
const register = join("scenarios", "claims");

export async function runClaims(files: readonly string[], options: ClaimsOptions, terminal: Terminal): Promise<void> {
  const { scenarios, faults } = await loadScenarios(filesOf(files), options.set ?? []);
  if (faults.length > 0) {
    for (const fault of faults) terminal.note(fault);
    terminal.exitWith(exitCodes.badInput);
    return;
  }
  const claims = chosen(scenarios, options);
  const matrices: Matrix[] = [];
  for (const claim of claims) {
    const scenario = options.full ? withFullDraws(claim) : claim.scenario;
    const { out, jobs } = options;
    matrices.push(await matrixOf({ ...claim, scenario, overrides: options.set ?? [], out, jobs, designs: ["claim"] }));
  }
  tellCost(matrices, terminal);
  const judged: JudgedClaim[] = [];
  for (const [index, matrix] of matrices.entries()) {
    const { claim } = matrix.plan;
    terminal.note(`claim ${claim?.number} (${index + 1} of ${matrices.length}): ${claim?.statement}`);
    const isWhole = await executeMatrix(matrix, { options: { format: options.format }, limits: {}, terminal });
    if (!isWhole) return;
    judged.push(await judge(matrix, terminal));
  }
  await tell(judged, { ...options, files }, terminal);
}

/** The files named, and those in the folders named; the register's where nothing is named. */
function filesOf(named: readonly string[]): string[] {
  return (named.length > 0 ? named : [register]).flatMap((path) => {
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? path === register;
    return isFolder ? filesIn(path) : [path];
  });
}

function filesIn(folder: string): string[] {
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)) : [];
  if (found.length === 0) {
    throw new InputError(
      `no claims: ${folder} (expected scenario files with a claim, or files or folders named on the command line)`,
    );
  }
  return found.sort().map((name) => join(folder, name));
}

/** The claims asked for, by number. */
function chosen(scenarios: readonly ScenarioFile[], { only }: ClaimsOptions): ScenarioFile[] {
  const byNumber = new Map<number, ScenarioFile>();
  for (const entry of scenarios) {
    const { claim } = entry.scenario.resolved;
    if (!claim) throw new InputError(`scenario without a claim: ${entry.file} (expected a section claim)`);
    const other = byNumber.get(claim.number);
    if (other) throw new InputError(`two claims of one number: ${claim.number} in ${other.file} and ${entry.file}`);
    byNumber.set(claim.number, entry);
  }
  const numbers = [...byNumber.keys()].sort((a, b) => a - b);
  const unknown = only?.find((number) => !byNumber.has(number));
  if (unknown !== undefined) throw new InputError(`--only: ${unknown} (expected ${numbers.join(", ")})`);
  return numbers.flatMap((number) => ((only?.includes(number) ?? true) ? (byNumber.get(number) ?? []) : []));
}

function withFullDraws({ scenario }: ScenarioFile): ScenarioFile["scenario"] {
  const { claim } = scenario.resolved;
  if (!claim) return scenario;
  return {
    ...scenario,
    resolved: { ...scenario.resolved, claim: { ...claim, draws: claim.fullDraws, indexDraws: undefined } },
  };
}

function tellCost(matrices: readonly Matrix[], terminal: Terminal): void {
  const left = matrices.reduce((sum, { runs }) => sum + runs.filter(({ state }) => state !== "cached").length, 0);
  const seconds = matrices.reduce((sum, { cost }) => sum + cost.seconds, 0);
  const all = matrices.reduce((sum, { runs }) => sum + runs.length, 0);
  const price = left === 0 ? "all stored" : `${left} to run, about ${formatDuration(seconds)}`;
  terminal.note(`${plural(matrices.length, "claim")}, ${plural(all, "run")}: ${price}`);
}

/** Records the experiment, so that its folder tells its story by itself, and reads the verdict from what is stored. */
async function judge(matrix: Matrix, terminal: Terminal): Promise<JudgedClaim> {
  const { recordExperiment, summarizePlan } = await import("@shardlab/experiment");
  const { compactManyRuns } = await import("./compact-results.ts");
  const { plan, directory } = matrix;
  await compactManyRuns(directory, terminal);
  const summary = await summarizePlan(plan, directory);
  recordExperiment(directory, plan, summary);
  if (summary.claim === null) throw new InputError(`claim without a finished run: ${plan.experiment}`);
  terminal.note(`  ${verdictText(summary.claim)}`);
  return { file: matrix.file, plan, directory, claim: summary.claim };
}

interface Told extends ClaimsOptions {
  /** As they were named on the command line. */
  readonly files: readonly string[];
}

async function tell(judged: readonly JudgedClaim[], options: Told, terminal: Terminal): Promise<void> {
  const { out, format, only } = options;
  const { scenarioJsonSchema } = await import("@shardlab/scenario");
  const { writeReport } = await import("@shardlab/report");
  const schema = scenarioJsonSchema();
  const directory = join(out, "claims");
  const isPart = only !== undefined;
  const { page } = writeReport(
    directory,
    await claimsPage(judged, { schema, isPart }),
    isPart ? partPage(judged) : undefined,
  );
  if (format === "json") {
    terminal.print(
      JSON.stringify(
        judged.map(({ claim }) => documentOf(claim)),
        null,
        2,
      ),
    );
  } else {
    for (const { claim, plan } of judged) {
      terminal.print(`${claim.design.number}. ${claim.design.statement}`);
      terminal.print(`   ${verdictText(claim)}`);
      for (const line of regionLines({ claim, schema, resolved: plan.scenario })) terminal.print(`   ${line}`);
    }
    terminal.print(`\npage: ${join(directory, page)}`);
  }
  const [first] = judged;
  if (first === undefined) return;
  const further = `shardlab explain ${shellQuote(first.file)}; or ${furtherCommand(options)}`;
  terminal.note(`next: open ${join(directory, page)} in a browser; ${further}`);
}

/** After a part all claims, after a quick look a full one, and after that the full one with whatever is changed. */
function furtherCommand({ files, full, only, set = [], out }: Told): string {
  const isFull = full === true || only === undefined;
  return [
    ...["shardlab claims", ...files.map(shellQuote)],
    ...(isFull ? ["--full"] : []),
    ...set.map((setting) => `--set ${shellQuote(setting)}`),
    ...["--out", shellQuote(out)],
  ].join(" ");
}

/** A part of the register has a page of its own, so that the one of all claims stays. */
const partPage = (judged: readonly JudgedClaim[]): string =>
  `claims-${judged.map(({ claim }) => claim.design.number).join("-")}.html`;

/** The verdict as other programs read it. */
function documentOf(claim: ClaimSummary): object {
  const { design, verdict, possible, whole, criteria, indices, tree, runs, unmetForecasts } = claim;
  const { number, statement, region } = design;
  return {
    ...{ number, statement, verdict, possible, runs, unmetForecasts, whole, criteria, tree },
    parameters: region.map((parameter, index) => ({ ...parameter, indices: indices?.[index] ?? null })),
  };
}
