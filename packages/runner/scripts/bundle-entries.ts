/** Processes and threads run JavaScript; tests read TypeScript. Makes what tests start of the sources. */
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import type { RunnerEntries } from "../src/supervise/hardware-run-options.ts";

const packages = fileURLToPath(new URL("../../", import.meta.url));

/** As vitest resolves them: `@shardlab/x` is the index of its sources. */
const sources: Plugin = {
  name: "sources",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@shardlab\/[a-z]+(\/.+)?$/ }, ({ path }) => {
      const [, name = "", file = "index"] = /^@shardlab\/([a-z]+)(?:\/(.+))?$/.exec(path) ?? [];
      return { path: `${packages}${name}/src/${file}.ts` };
    });
    onResolve({ filter: /^[a-z@][^:]*$/ }, ({ path, kind }) =>
      kind === "entry-point" ? undefined : { path, external: true },
    );
  },
};

export interface BundledEntries extends RunnerEntries {
  readonly toyCompute: URL;
  /** A supervisor to be killed, see `supervise-toy.ts`. */
  readonly superviseToy: URL;
  readonly remove: () => void;
}

/** @param name of the folder, so that tests do not meet. */
export async function bundleEntries(name: string): Promise<BundledEntries> {
  const outdir = `${packages}runner/dist/bundled-${name}-${process.pid}`;
  mkdirSync(outdir, { recursive: true });
  await build({
    entryPoints: {
      "node-process": `${packages}runner/src/processes/node-process.ts`,
      "compute-thread": `${packages}runner/src/compute/compute-thread.ts`,
      "toy-compute": `${packages}runner/scripts/toy-compute.ts`,
      "supervise-toy": `${packages}runner/scripts/supervise-toy.ts`,
    },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    outExtension: { ".js": ".mjs" },
    plugins: [sources],
    logLevel: "warning",
  });
  const entry = (file: string): URL => pathToFileURL(`${outdir}/${file}.mjs`);
  return {
    nodeProcess: entry("node-process"),
    computeThread: entry("compute-thread"),
    toyCompute: entry("toy-compute"),
    superviseToy: entry("supervise-toy"),
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
}
