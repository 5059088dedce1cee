import { Command, Option } from "commander";
import type { CompareOptions } from "../compare-options.ts";
import type { Terminal } from "../terminal.ts";

const formats: readonly CompareOptions["format"][] = ["text", "json", "csv"];
const corrections: readonly CompareOptions["correction"][] = ["holm", "benjamini-hochberg", "none"];

const collect = (text: string, earlier: readonly string[] = []): string[] => [...earlier, text];

/** `shardlab compare`: two arms, or two experiments, measure by measure. */
export function compareCommand(terminal: Terminal): Command {
  return new Command("compare")
    .description("compare two stored arms or experiments: differences, intervals, effect sizes, verdicts")
    .argument("<a>", "EXPERIMENT[:ARM][@DIR], or the path of an experiment's folder")
    .argument("[b]", "the other side, which is subtracted; :ARM is an arm of the same experiment")
    .option("--all-arms", "compare every arm of one experiment with every other")
    .option("--measure <name>", "a measure to compare, or all; may be repeated (default: the main ones)", collect)
    .addOption(
      new Option("--correction <name>", "of p-values, over everything printed").choices(corrections).default("holm"),
    )
    .option("--simultaneous", "print intervals that hold together with 95 %")
    .option("--out <dir>", "folder of results", "results")
    .addOption(new Option("--format <format>", "how to print").choices(formats).default("text"))
    .option("--figure <file>", "draw the differences, as .svg or .png")
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab compare resource-problem:protocol-models :grant
  $ shardlab compare resource-problem resource-problem@before --measure compute --measure loss
  $ shardlab compare resource-problem --all-arms --correction benjamini-hochberg
  $ shardlab compare results/a:grant results/b:grant --format csv > differences.csv

Differences are A - B. Arms that share seeds are paired by seed (Student's t); others are compared by Welch's test. An ARM is
a label, or values of swept paths: grant, or mechanism=grant. Sweep points meet where their other coordinates agree.`,
    )
    .action(async (a: string, b: string | undefined, options: CompareOptions) => {
      const { compareStored } = await import("../compare-stored.ts");
      await compareStored(a, b, options, terminal);
    });
}
