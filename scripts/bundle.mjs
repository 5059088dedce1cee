// Bundles the command, and the threads and processes of experiments, into packages/cli/dist/bundle, so that they start fast.
import { rmSync } from "node:fs";
import { build } from "esbuild";

const root = new URL("../", import.meta.url).pathname;
const outdir = `${root}packages/cli/dist/bundle`;

// Packages with native code or a binary of their own, and jsdom, which reads its own files at run time.
const external = ["@duckdb/node-api", "@resvg/resvg-js", "esbuild", "jsdom", "@tensorflow/*"];

rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    main: "packages/cli/dist/main.js",
    worker: "packages/experiment/dist/worker.js",
    "hardware-process": "packages/experiment/dist/hardware-process.js",
    "hardware-thread": "packages/experiment/dist/hardware-thread.js",
    "stage-compute": "packages/experiment/dist/stage-compute.js",
  },
  outdir,
  external,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // CommonJS packages inside an ES module still call require.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
