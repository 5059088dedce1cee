import { Command, Option } from "commander";
import type { Terminal } from "../terminal.ts";

const collect = (text: string, earlier: readonly string[] = []): string[] => [...earlier, text];

/** `shardlab explain`: says what a scenario means, or where a run came from. */
export function explainCommand(terminal: Terminal): Command {
  return new Command("explain")
    .description(
      "say what a scenario means (every value, its origin, its assumptions), or where a stored run came from",
    )
    .argument("<file|run>", "a scenario file, or the first digits of a run's id, or a run's folder")
    .option("--set <key=value>", "change a field of the scenario first; may be repeated", collect)
    .option("--out <dir>", "folder of results", "results")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab explain scenarios/resource-problem.yaml
  $ shardlab explain scenarios/resource-problem.yaml --set mechanism=grant --format json
  $ shardlab explain 3f2a`,
    )
    .action(async (target: string, options: { set?: string[]; out: string; format: "text" | "json" }) => {
      if (/\.ya?ml$/.test(target)) {
        const { explainScenario } = await import("../explain-scenario.ts");
        await explainScenario(target, options, terminal);
        return;
      }
      const { explainRun } = await import("../explain-run.ts");
      await explainRun(target, options, terminal);
    });
}
