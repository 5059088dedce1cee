import { Command, Option } from "commander";
import type { Terminal } from "../terminal.ts";

/** `shardlab doctor`: checks this installation. */
export function doctorCommand(terminal: Terminal): Command {
  return new Command("doctor")
    .description("check this installation: Node, build, arithmetic, storage, figures, notebooks, results, backends")
    .option("--out <dir>", "folder of results to look at", "results")
    .option("--bundle [file]", "also write what a bug report needs into one file (default: shardlab-doctor.json)")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab doctor
  $ shardlab doctor --bundle
  $ shardlab doctor --bundle report.json --out /data/results

Exit code 1 when something that every run needs fails. The bundle names versions, checks and the logs of the latest
experiments; it holds no results, no host name, and no path of yours.`,
    )
    .action(async (options: { out: string; bundle?: string | true; format: "text" | "json" }) => {
      const { examine } = await import("../doctor.ts");
      await examine(options, terminal);
    });
}
