/** Dawn, the WebGPU of Chromium, as the npm package `webgpu`, which brings its binaries. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { InstallStep } from "./install-step.ts";
import { runProgram } from "./run-program.ts";

const webgpuVersion = "0.6.2";

export async function installWebgpu({ folder, progress, signal }: InstallStep): Promise<{ packageVersion: string }> {
  progress(`npm: webgpu ${webgpuVersion} (50 MB)`);
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", `webgpu@${webgpuVersion}`];
  await runProgram("npm", args, { cwd: folder, signal });
  removeOtherSystems(join(folder, "node_modules/webgpu/dist"));
  return { packageVersion: webgpuVersion };
}

/** Binaries of every system come in one package; keeps those of this one. */
function removeOtherSystems(binaries: string): void {
  const own = `${process.platform}-${process.platform === "darwin" ? "universal" : process.arch}`;
  for (const name of readdirSync(binaries)) if (name !== own) rmSync(join(binaries, name), { recursive: true });
}
