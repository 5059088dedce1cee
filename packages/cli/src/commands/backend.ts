import { Argument, Command, Option } from "commander";
import { type BackendChoice, backendChoices, installableBackends } from "../backend-choices.ts";
import { positiveInteger } from "../positive-integer.ts";
import type { Terminal } from "../terminal.ts";

type Format = "text" | "json";
const formatOption = () =>
  new Option("--format <format>", "how to print").choices(["text", "json"]).default("text" satisfies Format);
const directoryOption = () =>
  new Option("--directory <dir>", "folder of backends (default: .shardlab/backends of the checkout)");

/** `shardlab backend`: which tensor libraries compute here, and installing those that npm does not bring. */
export function backendCommand(terminal: Terminal): Command {
  const command = new Command("backend")
    .description("list, install and try the tensor libraries that compute models: cpu, wasm, TensorFlow, WebGPU")
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab backend list
  $ shardlab backend install tensorflow
  $ shardlab backend check wasm

next: shardlab backend list`,
    );
  for (const create of [listBackends, installOne, checkOne]) command.addCommand(create(terminal));
  return command;
}

function listBackends(terminal: Terminal): Command {
  return new Command("list")
    .description("which backends load here, on which device, and how fast they multiply matrices")
    .addOption(directoryOption())
    .addOption(formatOption())
    .addHelpText("after", "\nExamples:\n  $ shardlab backend list\n  $ shardlab backend list --format json")
    .action(async (options: { directory?: string; format: Format }) => {
      const { listBackendProbes } = await import("../backend-list.ts");
      await listBackendProbes(options, terminal);
    });
}

function installOne(terminal: Terminal): Command {
  return new Command("install")
    .description("install a backend that npm does not bring, into a folder of its own")
    .addArgument(new Argument("<kind>", "which one").choices(installableBackends))
    .addOption(directoryOption())
    .option("--force", "again, where it is there already")
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab backend install tensorflow        270 MB to fetch, 0.7 GB on disk; needs python3 with pip, and g++
  $ shardlab backend install webgpu            any GPU with Vulkan; 50 MB to fetch
  $ shardlab backend install tensorflow-gpu    NVIDIA GPUs; 3 GB to fetch

It is tried before it is put in place, and nothing is left behind where that fails.`,
    )
    .action(async (kind: (typeof installableBackends)[number], options: { directory?: string; force?: boolean }) => {
      const { installAndReport } = await import("../backend-install.ts");
      await installAndReport(kind, options, terminal);
    });
}

function checkOne(terminal: Terminal): Command {
  return new Command("check")
    .description("open a backend in this process, hold it to a product of matrices, and measure it")
    .addArgument(new Argument("<kind>", "which one").choices(backendChoices))
    .addOption(directoryOption())
    .option("--device <device>", "cpu, gpu:0, or adapter=NAME for webgpu")
    .option("--threads <n>", "threads of one operation, for tensorflow", positiveInteger, 1)
    .addOption(formatOption())
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab backend check wasm
  $ shardlab backend check tensorflow --threads 4
  $ shardlab backend check webgpu --device adapter=NVIDIA`,
    )
    .action(
      async (
        kind: BackendChoice,
        options: { directory?: string; device?: string; threads: number; format: Format },
      ) => {
        const { checkAndReport } = await import("../backend-check.ts");
        await checkAndReport(kind, options, terminal);
      },
    );
}
