// Installs another major version of Node into .cache/nodeN, for the tests that compare engines, and prints its path.
// usage: node scripts/install-node.mjs MAJOR (exit 3: not available here)
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major] = process.argv.slice(2);
if (!/^\d+$/.test(major ?? "")) {
  console.error("usage: node scripts/install-node.mjs MAJOR");
  process.exit(2);
}

const platform = `${process.platform}-${process.arch}`;
const folder = fileURLToPath(new URL(`../.cache/node${major}/`, import.meta.url));
const binary = `${folder}node_modules/node-${platform}/bin/node`;

if (!existsSync(binary)) {
  mkdirSync(folder, { recursive: true });
  try {
    const options = [
      "--no-save",
      "--no-package-lock",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "--loglevel=error",
    ];
    execFileSync("npm", ["install", "--prefix", folder, ...options, `node-${platform}@${major}`], {
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 180_000,
    });
  } catch (error) {
    console.error(`node ${major} for ${platform} is not available: ${String(error.message).split("\n")[0]}`);
    process.exit(3);
  }
}
console.log(binary);
