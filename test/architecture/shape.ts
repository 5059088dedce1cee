/** Sizes, names, exports, registries and the words of the repository. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import ts from "typescript";
import { filesBelow, importsOf, lineOf, root, type Source } from "./sources.ts";

const maximumFunctionLines = 70;
const maximumFileLines = 400;

/** Files that may be longer, each with why. */
const longFiles: Readonly<Record<string, string>> = {
  "packages/economy/src/tables/training-runs.ts": "a table of published figures",
};

const isGenerated = (path: string): boolean => path.includes("/generated/");

/** Files over 400 lines, and functions over 70 outside tests. */
export function sizeFaults(sources: readonly Source[]): string[] {
  const faults: string[] = [];
  for (const { path, tree, text, isTest } of sources) {
    if (isGenerated(path)) continue;
    const lines = text.split("\n").length - 1;
    if (lines > maximumFileLines && longFiles[path] === undefined) faults.push(`${path}: ${lines} lines`);
    if (isTest) continue;
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
        const length = tree.getLineAndCharacterOfPosition(node.end).line - lineOf(tree, node) + 2;
        if (length > maximumFunctionLines) faults.push(`${path}:${lineOf(tree, node)}: function of ${length} lines`);
      }
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }
  return faults;
}

const vagueName = /(^|-)(utils?|helpers?|misc|common|stuff|lib)(\.|-|$)/;

/** Files and folders whose name says nothing about what is in them. */
export const nameFaults = (sources: readonly Source[]): string[] =>
  sources.map(({ path }) => path).filter((path) => path.split("/").some((part) => vagueName.test(part)));

/** Default exports, which every importer would name differently. */
export function defaultExportFaults(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, tree }) =>
    tree.statements
      .filter(
        (statement) =>
          ts.isExportAssignment(statement) ||
          (ts.canHaveModifiers(statement) &&
            ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)),
      )
      .map((statement) => `${path}:${lineOf(tree, statement)}: default export`),
  );
}

/** The `kind` literal of an exported `…Spec = z.strictObject({ kind: z.literal("…") … })`, or undefined. */
function kindOf(statement: ts.Statement): { spec: string; kind: string } | undefined {
  if (!ts.isVariableStatement(statement)) return undefined;
  const [declaration] = statement.declarationList.declarations;
  const name = declaration?.name.getText() ?? "";
  const isExported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const kind = /\bkind: z\.literal\("([^"]+)"\)/.exec(declaration?.initializer?.getText() ?? "")?.[1];
  return isExported && name.endsWith("Spec") && kind !== undefined ? { spec: name, kind } : undefined;
}

/** The keys of the object literal that `factories` is in a registry. */
function factoryKeys({ tree }: Source): string[] {
  const keys: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === "factories" && node.initializer) {
      const table = node.initializer;
      if (ts.isObjectLiteralExpression(table)) {
        for (const { name } of table.properties)
          if (name) keys.push(ts.isStringLiteral(name) ? name.text : name.getText());
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return keys;
}

/** Each file beside a registry that exports a spec with a kind is in the registry, and is named after its kind. */
export function registryFaults(sources: readonly Source[]): string[] {
  const faults: string[] = [];
  for (const registry of sources.filter(({ path }) => basename(path) === "registry.ts")) {
    const registered = new Set(factoryKeys(registry));
    const imported = new Set(importsOf(registry).flatMap(({ names }) => names));
    const found = new Set<string>();
    for (const { path, tree } of sources) {
      if (dirname(path) !== dirname(registry.path) || path === registry.path) continue;
      for (const { spec, kind } of tree.statements.flatMap((statement) => kindOf(statement) ?? [])) {
        found.add(kind);
        if (basename(path, ".ts") !== kind) faults.push(`${path}: kind is ${kind}, so the file is ${kind}.ts`);
        if (!imported.has(spec)) faults.push(`${registry.path}: lacks ${spec}`);
        if (!registered.has(kind)) faults.push(`${registry.path}: factories lacks ${kind}`);
      }
    }
    for (const kind of registered) if (!found.has(kind)) faults.push(`${registry.path}: no file for ${kind}`);
  }
  return faults;
}

/** Packages without a README. */
export const readmeFaults = (packages: Iterable<string>): string[] =>
  [...packages]
    .filter((name) => !existsSync(join(root, "packages", name, "README.md")))
    .map((name) => `packages/${name}/README.md`);

/** The repository speaks of itself alone: not of one machine, and not of how it came to be written. */
const foreignWords: readonly RegExp[] = [
  /(?<![\w.])\/(work|root|home|Users)\/[\w.-]/,
  /\b(this|our|previous|earlier) (session|task|conversation|brief)\b/i,
  /\bas an AI\b/,
  /\b(sub-?agents?|co-authored-by)\b/i,
];

const textEndings = [".ts", ".mjs", ".md", ".json", ".yaml", ".sh", ".html", ".css"];

/** Lines that name a folder of one machine, or the writing of the repository. */
export function wordFaults(): string[] {
  const own = "test/architecture/shape.ts";
  return filesBelow("", textEndings)
    .filter((path) => path !== own)
    .flatMap((path) =>
      readFileSync(join(root, path), "utf8")
        .split("\n")
        .flatMap((line, index) =>
          foreignWords.some((word) => word.test(line)) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [],
        ),
    );
}
