#!/usr/bin/env node
// Committed, so that npm can link the command before anything is built.
import { existsSync } from "node:fs";

const bundle = new URL("../packages/cli/dist/bundle/main.js", import.meta.url);
if (existsSync(bundle)) {
  await import(bundle.href);
} else {
  process.stderr.write("shardlab is not built: run npm run build\n");
  process.exitCode = 2;
}
