/** Dawn, the WebGPU of Chromium, as the npm package `webgpu`, which brings its binaries. */
import type { InstallStep } from "./install-step.ts";
import { runProgram } from "./run-program.ts";

const webgpuVersion = "0.6.2";

export async function installWebgpu({ folder, progress, signal }: InstallStep): Promise<{ packageVersion: string }> {
  progress(`npm: webgpu ${webgpuVersion} (50 MB)`);
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", `webgpu@${webgpuVersion}`];
  await runProgram("npm", args, { cwd: folder, signal });
  return { packageVersion: webgpuVersion };
}
