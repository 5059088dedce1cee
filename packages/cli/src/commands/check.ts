import { Command, Option } from "commander";
import type { CheckOptions } from "../check-plugin.ts";
import { positiveInteger } from "../positive-integer.ts";
import type { Terminal } from "../terminal.ts";

/** `shardlab check`: holds a user's own method to the conformance suite of its family. */
export function checkCommand(terminal: Terminal): Command {
  return new Command("check")
    .description("hold your own mechanism to what every mechanism must do, and to what it claims of itself")
    .argument("<file>", "the plugin, such as my-rule.ts, which exports myRuleSpec and myRule")
    .option("--worlds <n>", "random worlds for each check", positiveInteger, 40)
    .option("--seed <n>", "seed of the worlds", positiveInteger, 1)
    .option("--tests", "also run the test beside it, such as my-rule.test.ts")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab check my-rule.ts
  $ shardlab check my-rule.ts --worlds 500 --seed 2
  $ shardlab check my-rule.ts --tests

Exit code 1 when a check fails; the smallest world in which it does is printed. Properties that it does not claim are tried as
well, and are told with a counter-example where there is one. To begin one: shardlab new mechanism my-rule.
A scenario uses the mechanism with: plugins: [./my-rule.ts] and mechanism: { kind: my-rule }`,
    )
    .action(async (file: string, options: CheckOptions) => {
      const { checkPlugin } = await import("../check-plugin.ts");
      await checkPlugin(file, options, terminal);
    });
}
