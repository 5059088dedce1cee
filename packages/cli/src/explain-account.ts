/** The steps of `shardlab explain RUN --account A --epoch N`: make the run again up to there, and tell why it was paid what. */
import { join } from "node:path";
import type { TracedRun } from "@shardlab/experiment";
import { InputError } from "./input-error.ts";
import { formatQuantity } from "./number-format.ts";
import { traceLine } from "./replay-stored-run.ts";
import { shellQuote } from "./shell-quote.ts";
import { findStoredRun } from "./stored-run.ts";
import { exitCodes, type Terminal } from "./terminal.ts";
import { formatTable } from "./text-table.ts";

export interface ExplainAccountOptions {
  readonly account: string | undefined;
  readonly epoch: number | undefined;
  readonly out: string;
  readonly format: "text" | "json";
}

type Trace = TracedRun["trace"];

export async function explainAccount(
  target: string,
  options: ExplainAccountOptions,
  terminal: Terminal,
): Promise<void> {
  const { account, epoch, format } = options;
  if (/\.ya?ml$/.test(target)) throw new InputError(`--account of a scenario: ${target} (expected a stored run)`);
  if (account === undefined || epoch === undefined) {
    throw new InputError(
      `${account === undefined ? "--account" : "--epoch"} is missing: expected both, to trace an account`,
    );
  }
  const { run, out, manifest } = await findStoredRun(target, options.out);
  const { isSwarmRun, storedCheckpoints, traceStoredAccount } = await import("@shardlab/experiment");
  if (isSwarmRun(manifest)) throw new InputError(`no accounts in a run of the swarm: ${run}`);
  const stored = await storedCheckpoints(out, run);
  const traced = await traceStoredAccount(manifest, join(out, manifest.experiment), stored, { account, epoch });
  const { trace, comparison } = traced;
  const { checkpoints: _, ...told } = trace;
  if (format === "json") terminal.print(JSON.stringify({ run, comparison, ...told }, null, 2));
  else for (const line of accountLines(`${manifest.experiment} ${run}`, traced)) terminal.print(line);
  if (comparison.verdict === "different") terminal.exitWith(exitCodes.runFailed);
  terminal.note(`next: shardlab replay ${run} --until '${trace.day} d' --out ${shellQuote(out)}`);
}

function accountLines(run: string, { trace, comparison }: TracedRun): string[] {
  const { account, number, group, epoch, day } = trace;
  const who = [`account ${number}`, ...(group === null ? [] : [`group ${group}`])].join(", ");
  const known = [...deliveryLines(trace), ...ownershipLines(trace), ...rateLines(trace)];
  return [
    `${run}: ${account} (${who}) in epoch ${epoch}, day ${day}`,
    traceLine(comparison, false),
    "",
    ...known,
    ...(known.length > 0 ? [""] : []),
    ...postingLines(trace),
  ];
}

function deliveryLines({ account, deliveries, postings }: Trace): string[] {
  if (!/^(data-)?provider/.test(account)) return [];
  if (deliveries.length === 0) return ["It delivered nothing, and nothing of it was found bad."];
  const isUnpaid = deliveries.some(({ kind }) => kind !== "found bad") && postings.every(({ amount }) => amount <= 0);
  const held =
    "Nothing has come to it in this epoch. A rule that holds pay back, as vesting and escrow do, has it in the vault: --account vault shows it.";
  return [...deliveries.map(deliveryLine), ...(isUnpaid ? [held] : [])];
}

function deliveryLine({ kind, model, quantity, share, identities }: Trace["deliveries"][number]): string {
  const amount = formatQuantity(quantity, kind === "data" ? "token" : "PFLOP");
  const names = identities > 1 ? `, under ${identities} names` : "";
  const isBad = kind === "found bad";
  const verb = isBad ? "Found bad by an audit" : "It delivered";
  return `${verb}: ${amount} for ${model}, ${formatQuantity(share, "share")} of all that was${isBad ? " found bad" : ""}${names}.`;
}

function ownershipLines({ ownership }: Trace): string[] {
  return ownership.map(({ asset, units, share, promisedShare, revenueDollars }) => {
    const promised = `${formatQuantity(promisedShare, "share")} of revenue promised to such owners`;
    return `It owned ${formatQuantity(units, "units")} of ${asset}, ${formatQuantity(share, "share")} of all; ${promised}, revenue of the day ${formatQuantity(revenueDollars, "$")}.`;
  });
}

function rateLines({ rates }: Trace): string[] {
  if (rates.length === 0) return [];
  const rows = rates.map(({ model, rate, value }) => [`  ${model}`, rate, formatQuantity(value, "")]);
  return ["", "offered", ...formatTable(rows, ["left", "left", "right"])];
}

function postingLines({ postings, deliveries }: Trace): string[] {
  if (postings.length === 0) {
    // Stake and held pay lie in the vault, and are lost from there.
    const isFoundBad = deliveries.some(({ kind }) => kind === "found bad");
    const where = isFoundBad ? " What it loses of its stake leaves the vault: --account vault shows it." : "";
    return [`Nothing moved the account in this epoch.${where}`];
  }
  const header = ["why", "amount", "balance after", "from or to", "share of all", "because"];
  const rows = postings.map((posting) => {
    const { reason, unit, amount, balance, counterparty, share, pot, parties, formula, asset } = posting;
    const inUnits = (value: number): string => formatQuantity(value, unit === "unit" ? "units" : unit);
    const signed = `${amount > 0 ? "+" : ""}${inUnits(amount)}`;
    const named = unit === "unit" ? `${signed} of ${asset}` : signed;
    const part = parties > 1 ? `${formatQuantity(share, "share")} of ${inUnits(pot)} to ${parties}` : "";
    return [reason, named, inUnits(balance), counterparty, part, formula];
  });
  return formatTable([header, ...rows], ["left", "right", "right", "left", "right", "left"]);
}
