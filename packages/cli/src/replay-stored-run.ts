/** The steps of `shardlab replay`: find the run, make it again, say whether it is the same and what the world looked like. */

import { join } from "node:path";
import { readQuantity } from "@shardlab/contracts";
import type { ReplayedRun, TraceComparison } from "@shardlab/experiment";
import type { RunManifest } from "@shardlab/results";
import type { Scenario } from "@shardlab/scenario";
import { InputError } from "./input-error.ts";
import { formatQuantity } from "./number-format.ts";
import { shellQuote } from "./shell-quote.ts";
import { findStoredRun, type MeantRun } from "./stored-run.ts";
import { exitCodes, type Terminal } from "./terminal.ts";
import { formatTable } from "./text-table.ts";

export interface ReplayOptions {
  readonly until?: string;
  readonly out: string;
  readonly format: "text" | "json";
}

export async function replayStoredRun(target: string, options: ReplayOptions, terminal: Terminal): Promise<void> {
  const untilSeconds = options.until === undefined ? undefined : durationOf(options.until);
  const { run, out, manifest } = await findStoredRun(target, options.out);
  const { isSwarmRun, modelHashOf, replayRun, storedCheckpoints } = await import("@shardlab/experiment");
  const code = modelHashOf(manifest.scenario as unknown as Scenario);
  const isSameCode = code === manifest.modelHash;
  if (!isSameCode) {
    terminal.note(`model code differs: the run was made with ${manifest.modelHash}, this is ${code}`);
  }
  if (isSwarmRun(manifest)) {
    await replayStoredSwarm({ run, out, manifest }, options, terminal);
    return;
  }
  const replayed = await replayRun(
    manifest,
    join(out, manifest.experiment),
    await storedCheckpoints(out, run),
    untilSeconds,
  );
  const { comparison, replay } = replayed;
  if (options.format === "json") terminal.print(JSON.stringify({ run, isSameCode, comparison, ...replay }, null, 2));
  else for (const line of replayLines(run, manifest, replayed)) terminal.print(line);
  if (comparison.verdict === "different") terminal.exitWith(exitCodes.runFailed);
  terminal.note(`next: shardlab explain ${run} --out ${shellQuote(out)}`);
}

/** The swarm is replayed whole: it has no days to stop at. */
async function replayStoredSwarm(
  { run, out, manifest }: Pick<MeantRun, "run" | "out" | "manifest">,
  { until, format }: ReplayOptions,
  terminal: Terminal,
): Promise<void> {
  if (until !== undefined) throw new InputError(`--until: ${until} (a run of the swarm is replayed whole)`);
  const { replaySwarm } = await import("@shardlab/experiment");
  const { traceHash, isSame, measures } = await replaySwarm(manifest);
  if (format === "json") terminal.print(JSON.stringify({ run, isSame, traceHash, measures }, null, 2));
  else {
    const place = Object.entries(manifest.coordinates).map(([path, value]) => `${path} ${value}`);
    terminal.print(`${manifest.experiment} ${run}: ${[...place, `seed ${manifest.seed}`].join(", ")}`);
    terminal.print(
      isSame
        ? "trace: the same as the stored one, bit for bit"
        : `trace: DIFFERENT from the stored one: ${traceHash}, not ${manifest.traceHash}`,
    );
    const rows = measures.map(({ name, unit, value }) => [name, formatQuantity(value, unit)]);
    for (const line of formatTable(rows, ["left", "right"])) terminal.print(`  ${line}`);
  }
  if (!isSame) terminal.exitWith(exitCodes.runFailed);
  terminal.note(`next: shardlab explain ${run} --out ${shellQuote(out)}`);
}

function durationOf(text: string): number {
  const read = readQuantity("duration", text);
  if ("value" in read && read.value > 0) return read.value;
  throw new InputError(`invalid --until: ${text} (expected a duration above 0, such as 30 d or 12 h)`);
}

function replayLines(run: string, manifest: RunManifest, { replay, comparison }: ReplayedRun): string[] {
  const place = Object.entries(manifest.coordinates).map(([path, value]) => `${path} ${value}`);
  const header = ["model", "compute", "workers", "loss", "tokens", "revenue", "released", "training"];
  const models = replay.models.map((model) => [
    model.name,
    formatQuantity(model.computeZettaflop, "ZFLOP"),
    String(model.workers),
    formatQuantity(model.lossNatsPerToken, ""),
    formatQuantity(model.distinctTokens, ""),
    formatQuantity(model.revenueDollarsPerDay, "$/d"),
    model.releasedDay === null ? "-" : `day ${model.releasedDay}`,
    model.isTraining ? "yes" : "no",
  ]);
  const holdings = replay.holdings.map(({ account, asset, unit, amount }) => [
    account,
    asset,
    formatQuantity(amount, unit),
  ]);
  const movements = replay.movements.map(({ account, asset, unit, amount, reason, counterparties }) => [
    account,
    asset,
    `${amount > 0 ? "+" : ""}${formatQuantity(amount, unit)}`,
    `${reason} (${counterparties} ${counterparties === 1 ? "party" : "parties"})`,
  ]);
  return [
    `${manifest.experiment} ${run}: ${[...place, `seed ${manifest.seed}`].join(", ")}`,
    traceLine(comparison, replay.isWhole),
    "",
    `at the end of day ${replay.days}${replay.isWhole ? ", the last" : ""}:`,
    ...formatTable([header, ...models], ["left", "right", "right", "right", "right", "right", "right", "right"]),
    "",
    ...formatTable([["account", "asset", "balance"], ...holdings], ["left", "left", "right"]),
    ...(movements.length === 0
      ? []
      : [
          "",
          ...formatTable(
            [["moved that day", "asset", "amount", "why"], ...movements],
            ["left", "left", "right", "left"],
          ),
        ]),
  ];
}

export function traceLine({ verdict, throughDay, differsAtDay }: TraceComparison, isWhole: boolean): string {
  if (verdict === "same" && isWhole) return "trace: the same as the stored one, bit for bit";
  if (verdict === "same") return `trace: the same as the stored one through day ${throughDay}`;
  if (verdict === "unknown") return "trace: the stored run keeps none over time; replay it whole to compare";
  return `trace: DIFFERENT from the stored one: the same through day ${throughDay}, and not on day ${differsAtDay}`;
}
