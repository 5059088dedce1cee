import { Command, InvalidArgumentError, Option } from "commander";
import type { SolveCommandOptions } from "../solve-options.ts";
import type { Terminal } from "../terminal.ts";

const formats: readonly SolveCommandOptions["format"][] = ["text", "json"];
const scales = ["linear", "log"] as const;

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`expected a whole number of at least ${least}.`);
  };
}

function share(text: string): number {
  const value = /%\s*$/.test(text) ? Number(text.replace(/%\s*$/, "")) / 100 : Number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("expected a number above 0, such as 0.05 or 5%.");
}

const collect = (text: string, earlier: readonly string[] = []): string[] => {
  if (!/^[^=\s]+=/.test(text)) throw new InvalidArgumentError("expected key=value, such as horizon='1 y'.");
  return [...earlier, text];
};

/** `shardlab solve`: the value of a parameter at which two measured quantities meet. */
export function solveCommand(terminal: Terminal): Command {
  return new Command("solve")
    .description("find the value of a parameter at which two measured quantities meet, with an interval")
    .argument("<file>", "scenario file")
    .requiredOption("--for <relation>", "such as 'protocol-models:compute = grant:compute', or with <= or >=")
    .requiredOption("--over <path>", "the parameter, such as market.revenueMultiple or models.*.hazard")
    .option("--from <low>", "least value to try, as a scenario file would write it")
    .option("--to <high>", "greatest value to try")
    .addOption(
      new Option("--scale <scale>", "of the search (default: log where it spans a factor of 8)").choices(scales),
    )
    .option("--integer", "whole values only (the default for parameters that are whole numbers)")
    .option("--points <n>", "values to try first; crossings between neighbours go unseen", wholeNumber(2), 9)
    .option("--seeds <n>", "the most seeds, instead of the file's count", wholeNumber(1))
    .option("--ci-target <share>", "width of the interval, relative to the value, at which to stop", share, 0.05)
    .option("--max-runs <n>", "the most runs that the answer may take", wholeNumber(1), 2000)
    .option("--jobs <n>", "runs at the same time (default: every core)", wholeNumber(1))
    .option("--set <key=value>", "change a field of the scenario; may be repeated", collect)
    .option("--out <dir>", "folder of results", "results")
    .addOption(new Option("--format <format>", "how to print the answer").choices(formats).default("text"))
    .option("--figure <file>", "draw the difference against the parameter, as .svg or .png")
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab solve scenarios/resource-problem.yaml --for 'protocol-models:compute = closed-lab:compute' \\
      --over market.revenueMultiple --from 1 --to 12
  $ shardlab solve FILE --for 'protocol-models:compute >= 1.2 * grant:compute' --over models.*.hazard --from '1 %/y' --to '80 %/y'
  $ shardlab solve FILE --for 'grant:loss <= 2.1 nat/token' --over providers.gamers.count --from 100 --to 5000

A measure is ARM:NAME, or NAME alone where the scenario has one arm; other names than letters, digits, - / and . go in quotes,
and an operator between names has a space beside it. Numbers may have units (2 ZFLOP, $1M, 30 d, 20 %); without one they
are in that of the measure. Every value is tried with the same seeds. Runs are stored as results/NAME-solve and not made twice;
Ctrl-C stops, and the same command goes on from there.`,
    )
    .action(async (file: string, options: SolveCommandOptions) => {
      const { solveFile } = await import("../solve-file.ts");
      await solveFile(file, options, terminal);
    });
}
