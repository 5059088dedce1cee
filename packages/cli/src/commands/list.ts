import { Command, Option } from "commander";
import type { Terminal } from "../terminal.ts";

const formats = ["table", "json"] as const;

/** `shardlab list`: the experiments below the results folder. */
export function listCommand(terminal: Terminal): Command {
  return new Command("list")
    .description("list experiments and how many runs of each are stored")
    .option("--out <dir>", "folder of results", "results")
    .option("--long", "also points, arms, seeds, versions of the model code, and size on disk")
    .addOption(new Option("--format <format>", "how to print the list").choices(formats).default("table"))
    .addHelpText(
      "after",
      "\nExamples:\n  $ shardlab list\n  $ shardlab list --long --out /data/results\n  $ shardlab list --format json",
    )
    .action(async (options: { out: string; long?: boolean; format: (typeof formats)[number] }) => {
      const { listExperiments } = await import("../experiment-list.ts");
      await listExperiments(options, terminal);
    });
}
