import { Command, InvalidArgumentError, Option } from "commander";
import type { Terminal } from "../terminal.ts";

const collect = (text: string, earlier: readonly string[] = []): string[] => [...earlier, text];

interface ExplainOptions {
  readonly set?: string[];
  readonly account?: string;
  readonly epoch?: number;
  readonly out: string;
  readonly format: "text" | "json";
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("expected a whole number, counted from 0.");
  return Number(text);
}

/** `shardlab explain`: says what a scenario means, or where a run came from. */
export function explainCommand(terminal: Terminal): Command {
  return new Command("explain")
    .description(
      "say what a scenario means (every value, its origin, its assumptions), or where a stored run came from",
    )
    .argument("<file|run>", "a scenario file, or the first digits of a run's id, or a run's folder")
    .option("--set <key=value>", "change a field of the scenario first; may be repeated", collect)
    .option("--account <name>", "of a run: trace every payment to this account, such as provider/17 or designer/toy")
    .option("--epoch <n>", "of a run: in this epoch, counted from 0", wholeNumber)
    .option("--out <dir>", "folder of results", "results")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab explain scenarios/resource-problem.yaml
  $ shardlab explain scenarios/resource-problem.yaml --set mechanism=grant --format json
  $ shardlab explain 3f2a
  $ shardlab explain 3f2a --account "provider 17" --epoch 140`,
    )
    .action(async (target: string, options: ExplainOptions) => {
      const { account, epoch, ...rest } = options;
      if (account !== undefined || epoch !== undefined) {
        const { explainAccount } = await import("../explain-account.ts");
        await explainAccount(target, { ...rest, account, epoch }, terminal);
        return;
      }
      if (/\.ya?ml$/.test(target)) {
        const { explainScenario } = await import("../explain-scenario.ts");
        await explainScenario(target, options, terminal);
        return;
      }
      const { explainRun } = await import("../explain-run.ts");
      await explainRun(target, options, terminal);
    });
}
