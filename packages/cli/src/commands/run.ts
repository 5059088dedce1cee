import type { Design } from "@shardlab/results";
import { Command, InvalidArgumentError, Option } from "commander";
import type { RunFormat, RunOptions } from "../run-options.ts";
import type { Terminal } from "../terminal.ts";

const designs: readonly Design[] = ["main", "sensitivity", "frontier"];
const formats: readonly RunFormat[] = ["text", "json", "jsonl"];

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("expected a whole number of at least 1.");
  return value;
}

const collect = (text: string, earlier: readonly string[] = []): string[] => {
  if (!/^[^=\s]+=/.test(text)) throw new InvalidArgumentError("expected key=value, such as seeds.count=5.");
  return [...earlier, text];
};

/** `shardlab run`: runs experiments. */
export function runCommand(terminal: Terminal): Command {
  return new Command("run")
    .description("run experiments and print what they found")
    .argument("<files...>", "scenario files")
    .option("--seeds <n>", "seeds of each arm, instead of the file's", positiveInteger)
    .option("--jobs <n>", "runs at the same time (default: every core)", positiveInteger)
    .option("--set <key=value>", "change a field of the scenario; may be repeated", collect)
    .addOption(new Option("--only <designs...>", "run only these parts").choices(designs))
    .option("--out <dir>", "folder of results", "results")
    .addOption(new Option("--format <format>", "how to print the findings").choices(formats).default("text"))
    .option("--dry-run", "print what would be run, and stop")
    .option("--no-report", "write no report.html")
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab run scenarios/resource-problem.yaml
  $ shardlab run scenarios/resource-problem.yaml --seeds 5 --set outlay='$1M' --set horizon='2 y'
  $ shardlab run scenarios/*.yaml --dry-run
  $ shardlab run scenarios/resource-problem.yaml --only main
  $ shardlab run scenarios/resource-problem.yaml --format json > findings.json

Runs that are already stored are not run again. Ctrl-C stops; the same command goes on from there.`,
    )
    .action(async (files: string[], options: RunOptions) => {
      const { runExperiments } = await import("../run-experiments.ts");
      await runExperiments(files, options, terminal);
    });
}
