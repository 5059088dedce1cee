// Prepares the notebooks: installs their kernel in its own folder, writes its spec, and opens or executes a notebook.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../", import.meta.url));
const kernel = join(root, "notebooks/kernel");
const jupyterPath = join(root, "notebooks/.jupyter");
const tslab = join(kernel, "node_modules/tslab/bin/tslab");

const help = `npm run notebook -- [options] [notebook.ipynb ...]

Installs the TypeScript kernel under notebooks/kernel, writes its spec under notebooks/.jupyter and opens Jupyter.

  --prepare         install and write the spec, open nothing
  --execute         run the notebooks from top to bottom without a browser, and stop at the first error
  --in-place        with --execute: store the outputs in the notebook itself
  --output-dir DIR  with --execute: store the executed notebooks there

Examples:
  npm run notebook
  npm run notebook -- --execute --in-place notebooks/first-scenario.ipynb`;

function options() {
  const known = {
    help: { type: "boolean", short: "h" },
    prepare: { type: "boolean" },
    execute: { type: "boolean" },
    "in-place": { type: "boolean" },
    "output-dir": { type: "string" },
  };
  try {
    const { values, positionals } = parseArgs({ options: known, allowPositionals: true });
    const notebooks = positionals.length > 0 ? positionals : ["notebooks/first-scenario.ipynb"];
    const missing = notebooks.find((file) => !existsSync(file));
    if (missing !== undefined) stop(`no such notebook: ${missing}`, 2);
    return { ...values, notebooks };
  } catch (error) {
    return stop(`${error.message}\n\n${help}`, 2);
  }
}

function stop(message, code) {
  console.error(message);
  process.exit(code);
}

const isAvailable = (program, args) => spawnSync(program, args, { stdio: "ignore" }).status === 0;

function run(program, args, settings = {}) {
  const { status, error } = spawnSync(program, args, { stdio: "inherit", ...settings });
  if (error || status !== 0) stop(`failed: ${program} ${args.join(" ")}`, status || 1);
}

/** Installs what the lock file says, unless that has been done. */
function installKernel() {
  const lock = readFileSync(join(kernel, "package-lock.json"), "utf8");
  const mark = join(kernel, "node_modules/.installed-lock");
  if (existsSync(tslab) && existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  console.error("installing the TypeScript kernel (about 90 MB) ...");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: kernel, stdio: ["ignore", 2, 2] });
  writeFileSync(mark, lock);
}

function writeKernelSpec() {
  const folder = join(jupyterPath, "kernels/tslab");
  mkdirSync(folder, { recursive: true });
  const spec = {
    argv: [process.execPath, tslab, "kernel", "--config-path", "{connection_file}"],
    display_name: "TypeScript (ShardLab)",
    language: "typescript",
  };
  writeFileSync(join(folder, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
}

const environment = {
  ...process.env,
  JUPYTER_PATH: [jupyterPath, process.env.JUPYTER_PATH].filter(Boolean).join(":"),
};

const nbconvert = ["nbconvert", "--to", "notebook", "--execute", "--ExecutePreprocessor.timeout=900"];

function execute(notebook, wanted) {
  if (!isAvailable("jupyter", ["nbconvert", "--version"])) {
    stop("no jupyter nbconvert: install it with bash scripts/setup-system.sh, or pip install nbconvert ipykernel", 2);
  }
  const target = wanted["in-place"] ? ["--inplace"] : ["--output-dir", wanted["output-dir"] ?? ".cache/notebooks"];
  const settings = { env: environment, encoding: "utf8" };
  const { status, stderr } = spawnSync("jupyter", [...nbconvert, ...target, notebook], settings);
  if (status === 0) console.error(`executed: ${notebook}`);
  else stop(firstFault(notebook) ?? stderr, 1);
}

/** Runs a notebook once more past its errors, because Jupyter's own message leaves out what the kernel said. */
function firstFault(notebook) {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-notebook-"));
  try {
    const past = [...nbconvert, "--allow-errors", "--output-dir", folder, notebook];
    spawnSync("jupyter", past, { env: environment, stdio: "ignore" });
    const { cells } = JSON.parse(readFileSync(join(folder, basename(notebook)), "utf8"));
    for (const [index, { source, outputs = [] }] of cells.entries()) {
      const said = outputs.flatMap(({ name, text = [], traceback = [] }) =>
        name === "stderr" ? [[text].flat().join("")] : traceback,
      );
      if (said.length > 0)
        return `${notebook}: cell ${index + 1} fails\n${said.join("\n")}\n${[source].flat().join("")}`;
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function open(notebooks) {
  const program = ["lab", "notebook"].find((name) => isAvailable("jupyter", [name, "--version"]));
  if (program === undefined) {
    console.error("the kernel is ready, but there is no Jupyter here: pip install jupyterlab");
    console.error(`next: JUPYTER_PATH=${jupyterPath} jupyter lab ${notebooks[0]}`);
    return;
  }
  run("jupyter", [program, notebooks[0]], { env: environment });
}

const wanted = options();
if (wanted.help) stop(help, 0);
installKernel();
writeKernelSpec();
if (wanted.execute) for (const notebook of wanted.notebooks) execute(notebook, wanted);
else if (wanted.prepare) console.error(`kernel spec: ${join(jupyterPath, "kernels/tslab/kernel.json")}`);
else open(wanted.notebooks);
