/** The steps of `shardlab replay`: find the run, make it again, say whether it is the same and what the world looked like. */

import { join } from "node:path";
import { readQuantity } from "@shardlab/contracts";
import type { ReplayedRun, TraceComparison } from "@shardlab/experiment";
import type { RunManifest } from "@shardlab/results";
import { InputError } from "./input-error.ts";
import { formatQuantity } from "./number-format.ts";
import { shellQuote } from "./shell-quote.ts";
import { findStoredRun } from "./stored-run.ts";
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
  const { packagesRoot, replayRun, storedCheckpoints } = await import("@shardlab/experiment");
  const { modelHash } = await import("@shardlab/results");
  const code = modelHash(packagesRoot());
  const isSameCode = code === manifest.modelHash;
  if (!isSameCode) {
    terminal.note(`model code differs: the run was made with ${manifest.modelHash}, this is ${code}`);
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

function traceLine({ verdict, throughDay, differsAtDay }: TraceComparison, isWhole: boolean): string {
  if (verdict === "same" && isWhole) return "trace: the same as the stored one, bit for bit";
  if (verdict === "same") return `trace: the same as the stored one through day ${throughDay}`;
  if (verdict === "unknown") return "trace: the stored run keeps none over time; replay it whole to compare";
  return `trace: DIFFERENT from the stored one: the same through day ${throughDay}, and not on day ${differsAtDay}`;
}
