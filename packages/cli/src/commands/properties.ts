import { Command, Option } from "commander";
import { positiveInteger } from "../positive-integer.ts";
import type { Terminal } from "../terminal.ts";

const collect = (text: string, earlier: readonly string[] = []): string[] => [...earlier, text];

/** `shardlab properties`: which mechanism has which property, with a counter-example where it has not. */
export function propertiesCommand(terminal: Terminal): Command {
  return new Command("properties")
    .description("put the properties of mechanisms to the test, claimed or not, and print the matrix")
    .argument("[kinds...]", "mechanisms (default: all of them)")
    .option("--cases <n>", "random worlds for each property", positiveInteger, 20)
    .option("--seed <n>", "seed of the worlds", positiveInteger, 1)
    .option("--plugin <file>", "a mechanism of your own besides, such as my-rule.ts; may be repeated", collect)
    .option("--page <file>", "write a page (.html) or the figure alone (.svg, .png)")
    .option("--store <dir>", "keep what was found, one file for each counter-example")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab properties
  $ shardlab properties grant protocol-models --cases 200
  $ shardlab properties --plugin my-rule.ts --page properties.html

A property that is not claimed is attacked like one that is, so that its absence is shown by a counter-example.
Exit code 1 when a claim does not hold.`,
    )
    .action(async (kinds: string[], options) => {
      const { testProperties } = await import("../test-properties.ts");
      await testProperties(kinds, options, terminal);
    });
}
