import { Command, Option } from "commander";
import type { Terminal } from "../terminal.ts";

/** `shardlab replay`: makes a stored run again and compares the traces. */
export function replayCommand(terminal: Terminal): Command {
  return new Command("replay")
    .description("make a stored run again, hold its trace against the stored one, and show the world at a moment")
    .argument("<run>", "first digits of a run's id, or its folder")
    .option("--until <time>", "stop when so much simulated time has passed, such as 30 d")
    .option("--out <dir>", "folder of results", "results")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab replay 3f2a
  $ shardlab replay 3f2a --until 90 d
  $ shardlab replay results/resource-problem/3f2a81c09d44 --format json

Exit code 1 when the traces differ.`,
    )
    .action(async (run: string, options: { until?: string; out: string; format: "text" | "json" }) => {
      const { replayStoredRun } = await import("../replay-stored-run.ts");
      await replayStoredRun(run, options, terminal);
    });
}
