import { Command } from "commander";
import type { Terminal } from "../terminal.ts";

/** `shardlab compact`: puts the folders of runs together. */
export function compactCommand(terminal: Terminal): Command {
  return new Command("compact")
    .description("put the folders of runs together, so that many runs are read fast; nothing is lost")
    .argument("[experiments...]", "names of experiments (default: all)")
    .option("--out <dir>", "folder of results", "results")
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab compact
  $ shardlab compact resource-problem --out /data/results

\`shardlab run\` does this by itself when an experiment has many runs. It may be interrupted at any moment, and run
beside other commands that write or read the same results.`,
    )
    .action(async (experiments: string[], { out }: { out: string }) => {
      const { compactResults } = await import("../compact-results.ts");
      await compactResults(experiments, out, terminal);
    });
}
