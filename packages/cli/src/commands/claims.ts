import { Command, InvalidArgumentError, Option } from "commander";
import { positiveInteger } from "../positive-integer.ts";
import type { Terminal } from "../terminal.ts";

const collect = (text: string, earlier: readonly string[] = []): string[] => {
  if (!/^[^=\s]+=/.test(text)) throw new InvalidArgumentError("expected key=value, such as horizon='2 y'.");
  return [...earlier, text];
};

const numbers = (text: string): number[] => text.split(",").map((part) => positiveInteger(part.trim()));

/** `shardlab claims`: puts the register of claims to the test. */
export function claimsCommand(terminal: Terminal): Command {
  return new Command("claims")
    .description("put claims to the test over the region of their parameters, and write one page of verdicts")
    .argument("[files...]", "scenario files with a claim, or folders of them (default: scenarios/claims)")
    .option("--full", "the full number of points instead of a quick look")
    .option("--only <numbers>", "only these claims, such as 1,4", numbers)
    .option("--jobs <n>", "runs at the same time (default: every core)", positiveInteger)
    .option("--set <key=value>", "change a field of every scenario; may be repeated", collect)
    .option("--out <dir>", "folder of results", "results")
    .addOption(new Option("--format <format>", "how to print the verdicts").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab claims
  $ shardlab claims --only 2,9
  $ shardlab claims --full --jobs 16
  $ shardlab claims my-claim.yaml --format json
  $ shardlab claims my-claims/ --out my-results

A claim is a section of a scenario: a statement, criteria over measures, and the region in which its parameters plausibly
lie. Points are spread evenly over the region (a Saltelli design), so that the share of points at which all criteria hold
estimates the share of the region, and Sobol' indices say what moves the margin. The verdict goes by the interval of that share:
holds (all of it above 80 %), fails (below 20 %), holds in part (between 10 and 90 %), or undecided. Runs that are stored are not made again; --full adds
points to those of the quick look. The page lies in <dir>/claims/report.html; that
of --only beside it, as claims-2-9.html.`,
    )
    .action(async (files: string[], options) => {
      const { runClaims } = await import("../claims-register.ts");
      await runClaims(files, options, terminal);
    });
}
