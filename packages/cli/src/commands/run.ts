import type { Design } from "@shardlab/results";
import { Command, InvalidArgumentError, Option } from "commander";
import { type BackendChoice, backendChoices } from "../backend-choices.ts";
import { positiveInteger } from "../positive-integer.ts";
import type { RunFormat, RunOptions } from "../run-options.ts";
import type { Terminal } from "../terminal.ts";

const designs: readonly Design[] = ["main", "sensitivity", "frontier", "claim"];
const formats: readonly RunFormat[] = ["text", "json", "jsonl"];

const collect = (text: string, earlier: readonly string[] = []): string[] => {
  if (!/^[^=\s]+=/.test(text)) throw new InvalidArgumentError("expected key=value, such as seeds.count=5.");
  return [...earlier, text];
};

interface DeviceOptions {
  readonly backend?: BackendChoice | undefined;
  readonly device?: readonly string[] | undefined;
}

const deviceSettings = ({ backend, device }: DeviceOptions): string[] => [
  ...(backend === undefined ? [] : [`hardware.backend=${backend}`]),
  ...(device === undefined ? [] : [`hardware.devices=[${device.join(", ")}]`]),
];

/** `shardlab run`: runs experiments. */
export function runCommand(terminal: Terminal): Command {
  return new Command("run")
    .description("run experiments and print what they found")
    .argument("<files...>", "scenario files")
    .option("--seeds <n>", "seeds of each arm, instead of the file's", positiveInteger)
    .option("--jobs <n>", "runs at the same time (default: every core)", positiveInteger)
    .option("--set <key=value>", "change a field of the scenario; may be repeated", collect)
    .addOption(new Option("--backend <kind>", "tensor library, as --set hardware.backend").choices(backendChoices))
    .option("--device <devices...>", "devices of the workers in turn, as --set hardware.devices: cpu, gpu:0")
    .addOption(new Option("--only <designs...>", "run only these parts").choices(designs))
    .option("--out <dir>", "folder of results", "results")
    .addOption(new Option("--format <format>", "how to print the findings").choices(formats).default("text"))
    .option("--dry-run", "print what would be run, and stop")
    .option("--no-report", "write no report.html")
    .option("--keep-going", "go on after a run has failed (the default)")
    .addOption(new Option("--fail-fast", "start no further run once one has failed").conflicts("keepGoing"))
    .option("--run-time <duration>", "wall-clock limit of one run, such as '90 s'; a run that exceeds it fails")
    .option("--run-memory <size>", "memory limit of one run, such as '2 GiB'; a run that exceeds it fails")
    .option(
      "--ci-target <width>",
      "add seeds until 95 % intervals are within this of the mean: 1% of it, or 0.5 of its unit",
    )
    .option("--ci-measure <names...>", "measures that --ci-target looks at (default: `measure` of the scenario)")
    .option("--max-seeds <n>", "most seeds that --ci-target adds up to (default: 1000)", positiveInteger)
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab run scenarios/resource-problem.yaml
  $ shardlab run scenarios/resource-problem.yaml --seeds 5 --set outlay='$1M' --set horizon='2 y'
  $ shardlab run scenarios/*.yaml --dry-run
  $ shardlab run scenarios/resource-problem.yaml --only main
  $ shardlab run scenarios/first-shards.yaml --set training.activations=bfloat16
  $ shardlab run scenarios/first-shards.yaml --backend tensorflow-gpu --device gpu:0 gpu:1
  $ shardlab run scenarios/resource-problem.yaml --format json > findings.json
  $ shardlab run scenarios/resource-problem.yaml --run-time '10 min' --run-memory '2 GiB'
  $ shardlab run scenarios/resource-problem.yaml --ci-target 1% --ci-measure compute --max-seeds 400

Runs that are already stored are not run again; --dry-run says which have to be made again, and why. Ctrl-C lets
started runs finish and stops; a second one quits at once. The same command goes on from there. A scenario with
engine: hardware runs on processes of this machine, one run at a time and after all simulated ones; it is watched live,
and Ctrl-C leaves it at its last checkpoint. With --format jsonl every update
of it is a line with an "event". Several processes,
also on machines that share a folder of results, can run the same command: each run is made by one of them.
What happens is appended to log.jsonl in the experiment's folder; exit code 1 says that some runs failed.

--run-memory bounds each worker's JavaScript heap exactly. Typed arrays are checked five times a second: for each
worker from Node 22.16 on, before that over the whole process, to within 120 MB a worker. A run on hardware is refused
where it is expected to take more.

--ci-target holds each arm (not their differences) to the target, looks first at 20 seeds or the scenario's if more,
and gives all arms the same seeds. Stopping when an interval is narrow makes it slightly optimistic: expect a 95 %
interval to hold the truth in 92 to 95 % of experiments (Singham and Schruben, 2012).`,
    )
    .action(async (files: string[], { backend, device, ...options }: RunOptions & DeviceOptions) => {
      const { runExperiments } = await import("../run-experiments.ts");
      const set = [...(options.set ?? []), ...deviceSettings({ backend, device })];
      await runExperiments(files, { ...options, set }, terminal);
    });
}
