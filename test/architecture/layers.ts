/** Who may import whom: each package only packages of a lower rank, so that families (all of one rank) never meet. */
import ts from "typescript";
import { type Import, importsOf, type PackageManifest, packageOf, resolveRelative, type Source } from "./sources.ts";

/** Packages from the bottom up; the packages of one line never import one another. */
const lines: readonly (readonly string[])[] = [
  ["contracts"],
  ["numerics"],
  ["random"],
  ["des", "games", "ledger"],
  ["devices", "network"],
  ["testing"],
  ["results"],
  ["report"],
  ["learning"],
  ["attacks", "compressors", "markets", "mechanisms", "strategies", "verification"],
  ["protocol"],
  ["economy", "simulation", "runner"],
  ["scenario"],
  ["experiment"],
  ["cli", "notebook"],
];

const families = new Set(["attacks", "compressors", "markets", "mechanisms", "strategies", "verification"]);
const worlds = new Set(["economy", "simulation", "runner"]);
const readersOfResults = new Set(["results", "report"]);
const registryImporters = new Set(["scenario", "experiment", "test"]);

/** Height of a package, or undefined when this table does not know it. */
export const rankOf = (name: string): number | undefined => {
  const rank = lines.findIndex((line) => line.includes(name));
  return rank < 0 ? undefined : rank;
};

const at = (source: Source, { line }: Import): string => `${source.path}:${line}`;

/** Why `from` must not import `to`, or undefined. */
function upward(from: string, to: string): string | undefined {
  if (from === to) return "imports its own package by name: use a relative path";
  if (families.has(from) && families.has(to)) return `a family imports another family: ${to}`;
  if (readersOfResults.has(from) && (families.has(to) || worlds.has(to)))
    return `reads results only, yet imports ${to}`;
  const [lower, upper] = [rankOf(to), rankOf(from)];
  if (lower === undefined || upper === undefined) return `unknown package: ${lower === undefined ? to : from}`;
  return lower < upper ? undefined : `imports upwards: ${to}`;
}

/** Imports that break the layers. Tests may look at any package below theirs and at `testing`. */
export function layerFaults(sources: readonly Source[]): string[] {
  const faults: string[] = [];
  for (const source of sources.filter(({ path }) => path.startsWith("packages/"))) {
    for (const found of importsOf(source)) {
      const to = packageOf(found.specifier);
      if (to === undefined) continue;
      if (to === "testing") {
        const mayImport = source.isTest || source.inPackage === "cli";
        if (!mayImport) faults.push(`${at(source, found)}: only tests and the command import testing`);
        continue;
      }
      const fault = upward(source.inPackage, to);
      if (fault !== undefined) faults.push(`${at(source, found)}: ${fault}`);
    }
  }
  return faults;
}

/** Names that the registry of each family exports. */
function registryNames(sources: readonly Source[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const { path, inPackage, tree } of sources) {
    if (!families.has(inPackage) || !path.endsWith("/registry.ts")) continue;
    const exported = tree.statements.flatMap((statement) => {
      if (!ts.canHaveModifiers(statement)) return [];
      if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
      if (ts.isVariableStatement(statement))
        return statement.declarationList.declarations.map(({ name }) => name.getText(tree));
      return ts.isFunctionDeclaration(statement) && statement.name ? [statement.name.text] : [];
    });
    names.set(inPackage, new Set(exported));
  }
  return names;
}

/** Imports of a family's registry from anywhere but scenario and experiment. */
export function registryImportFaults(sources: readonly Source[]): string[] {
  const registries = registryNames(sources);
  const faults: string[] = [];
  for (const source of sources) {
    if (registryImporters.has(source.inPackage) || source.isTest) continue;
    for (const found of importsOf(source)) {
      const family = packageOf(found.specifier);
      const registry = family === undefined ? undefined : registries.get(family);
      if (registry === undefined) continue;
      const names = found.names.filter((name) => registry.has(name));
      const whole = found.specifier.endsWith("/registry") ? ["the registry"] : [];
      for (const name of [...whole, ...names]) {
        faults.push(`${at(source, found)}: ${name} of ${family}: only scenario and experiment import registries`);
      }
    }
  }
  return faults;
}

const bareName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** Differences between what a package declares and what its sources (not its tests) import. */
export function dependencyFaults(
  sources: readonly Source[],
  manifests: ReadonlyMap<string, PackageManifest>,
): string[] {
  const faults: string[] = [];
  for (const [folder, manifest] of manifests) {
    if (manifest.name !== `@shardlab/${folder}`) faults.push(`packages/${folder}: name is ${manifest.name}`);
    const used = new Set<string>();
    const own = sources.filter((source) => source.inPackage === folder && !source.isTest);
    for (const { specifier } of own.flatMap(importsOf)) {
      if (!specifier.startsWith(".") && !specifier.startsWith("node:")) used.add(bareName(specifier));
    }
    const declared = new Set(Object.keys(manifest.dependencies));
    // A package whose files are read, such as a font, is named in a string and never imported.
    for (const name of declared) if (own.some(({ text }) => text.includes(`"${name}/`))) used.add(name);
    for (const name of used) if (!declared.has(name)) faults.push(`packages/${folder}/package.json: lacks ${name}`);
    for (const name of declared)
      if (!used.has(name)) faults.push(`packages/${folder}/package.json: nothing imports ${name}`);
    const wanted = [...declared].flatMap((name) => packageOf(name) ?? []).sort();
    const given = [...manifest.references].sort();
    if (wanted.join() !== given.join()) {
      faults.push(
        `packages/${folder}/tsconfig.json: references are ${given.join(", ")}, dependencies ${wanted.join(", ")}`,
      );
    }
  }
  return faults;
}

/** Import cycles between files, each once, as `a -> b -> a`. */
export function cycles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(" -> "));
    const source = byPath.get(path);
    if (start >= 0 || done.has(path) || source === undefined) return;
    for (const { specifier } of importsOf(source)) {
      const next = resolveRelative(source, specifier);
      if (next !== undefined) visit(next, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return found;
}
