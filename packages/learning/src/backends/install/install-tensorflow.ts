/**
 * Puts tfjs-node and TensorFlow's C library together: tfjs-node from npm without its install script, which would fetch
 * libtensorflow 2.9 of 2022 (no GPU newer than Ampere), and the library and headers from the TensorFlow wheel of PyPI.
 */

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BackendError } from "../backend-error.ts";
import type { InstallStep } from "./install-step.ts";
import { buildNativeAddons, stripLibraries } from "./native-addons.ts";
import { fetchWheels, findPython, requirementsOfExtra, unpackWheels } from "./python-wheel.ts";
import { runProgram } from "./run-program.ts";

export const tfjsNodeVersion = "4.22.0";
/** The newest that has been tried. */
export const tensorflowVersion = "2.21.0";
const nodeApiHeadersVersion = "1.9.0";

/** Headers that the binding reads, of the 13,000 in the wheel. */
const headerFolders = ["tensorflow/c/", "tensorflow/core/platform/", "xla/tsl/", "tsl/"];

/** Of the CUDA packages, those that compile rather than run. */
const compilersOnly = /^nvidia-cuda-(nvcc|nvrtc)/;

export async function installTensorflow(
  step: InstallStep,
): Promise<{ packageVersion: string; libraryVersion: string }> {
  const { kind, folder, progress, signal } = step;
  if (process.platform !== "linux")
    throw new BackendError(`no ${kind} for this system: ${process.platform} (only linux)`);
  const options = { cwd: folder, signal };
  const python = await findPython(folder);

  progress(`npm: @tensorflow/tfjs-node ${tfjsNodeVersion}`);
  const packages = [`@tensorflow/tfjs-node@${tfjsNodeVersion}`, `node-api-headers@${nodeApiHeadersVersion}`];
  await runProgram("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages], options);
  removeUnused(join(folder, "node_modules"));

  const tfjsNode = join(folder, "node_modules/@tensorflow/tfjs-node");
  const wheels = join(folder, "wheels");
  const headers = join(folder, "headers");
  const libraries = join(tfjsNode, "deps/lib");
  mkdirSync(wheels);

  const wheel = `${kind === "tensorflow" ? "tensorflow-cpu" : "tensorflow"}==${tensorflowVersion}`;
  progress(`pip: ${wheel} (${kind === "tensorflow" ? "270" : "570"} MB)`);
  await fetchWheels(python, [wheel], { folder: wheels, ...options });
  const wheelName = wheel.replace("-", "_").replace("==", "-");
  const places = {
    "tensorflow/libtensorflow_cc.so.2": libraries,
    "tensorflow/libtensorflow_framework.so.2": libraries,
    [`${wheelName}.dist-info/METADATA`]: wheels,
    ...Object.fromEntries(headerFolders.map((name) => [`tensorflow/include/${name}`, join(headers, name)])),
  };
  await unpackWheels(python, wheels, { places, ...options });

  progress("building the binding");
  await buildNativeAddons({ folder, libraries, headers, tfjsNode }, signal);
  const names = readdirSync(libraries).map((name) => join(libraries, name));
  await stripLibraries(names, options);
  if (kind === "tensorflow-gpu") await addCuda(step, { python, wheels, into: join(tfjsNode, "deps") });

  for (const path of [wheels, headers, join(folder, "node_modules/node-api-headers")])
    rmSync(path, { recursive: true, force: true });
  return { packageVersion: tfjsNodeVersion, libraryVersion: tensorflowVersion };
}

/** CUDA's libraries beside TensorFlow's, which looks for them there by its own run path. */
async function addCuda(
  { folder, progress, signal }: InstallStep,
  { python, wheels, into }: { readonly python: string; readonly wheels: string; readonly into: string },
): Promise<void> {
  const requirements = requirementsOfExtra(join(wheels, "METADATA"), "and-cuda").filter(
    (requirement) => !compilersOnly.test(requirement),
  );
  for (const requirement of requirements) {
    progress(`pip: ${requirement}`);
    await fetchWheels(python, [requirement], { folder: wheels, cwd: folder, signal });
    await unpackWheels(python, wheels, { places: { "nvidia/": join(into, "nvidia") }, cwd: folder, signal });
  }
}

const unusedEndings = [".map", ".min.js", ".fesm.js", ".es2017.js", "_test.js", ".whl"];
const unusedFolders = new Set(["miniprogram", "test", "tests"]);

/** Deletes source maps and bundles for browsers: nine tenths of what npm brings. */
function removeUnused(within: string): void {
  for (const entry of readdirSync(within, { withFileTypes: true })) {
    const path = join(within, entry.name);
    if (entry.isDirectory()) {
      if (unusedFolders.has(entry.name)) rmSync(path, { recursive: true });
      else removeUnused(path);
    } else if (entry.isFile() && unusedEndings.some((ending) => entry.name.endsWith(ending))) rmSync(path);
  }
}
