/** The sources of the repository, parsed, as the architecture's rules look at them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** @property inPackage name of the package (`cli`), or the top-level folder for files outside packages. */
export interface Source {
  readonly path: string;
  readonly inPackage: string;
  readonly isTest: boolean;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

const skipped = new Set(["node_modules", "dist", ".jupyter", ".nx", ".cache", ".git", "results"]);

/** Paths, relative to the root, of the files below `directory` whose name ends in one of `endings`; sorted. */
export function filesBelow(directory: string, endings: readonly string[]): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
    if (entry.isDirectory()) {
      // `results` is skipped at the top only: a package has that name.
      if (!skipped.has(entry.name) || path === "packages/results") found.push(...filesBelow(path, endings));
    } else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(path);
  }
  return found.sort();
}

const isTestFile = (path: string): boolean =>
  /(\.(test|bench)\.ts$|^test\/|\/bench\/|\/scripts\/|\/assembly\/)/.test(path);

function parse(path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  const [top = "", inPackage = ""] = path.split("/");
  return {
    path,
    inPackage: top === "packages" ? inPackage : top,
    isTest: isTestFile(path),
    text,
    tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
  };
}

/** Every TypeScript file of `packages/` and `test/`. */
export function readSources(): Source[] {
  return [...filesBelow("packages", [".ts"]), ...filesBelow("test", [".ts"])].map(parse);
}

export interface Import {
  readonly specifier: string;
  readonly names: readonly string[];
  readonly line: number;
}

function namesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): string[] {
  const clause = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
  if (clause === undefined || ts.isNamespaceImport(clause) || ts.isNamespaceExport(clause)) return [];
  return clause.elements.map((element) => (element.propertyName ?? element.name).text);
}

/** Static imports, re-exports, `import()` of a literal and `import("…")` types. */
export function importsOf({ tree }: Source): Import[] {
  const imports: Import[] = [];
  const add = (literal: ts.Node | undefined, names: readonly string[]) => {
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return;
    imports.push({ specifier: literal.text, names, line: lineOf(tree, literal) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier, namesOf(node));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, []);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], []);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return imports;
}

export const lineOf = (tree: ts.SourceFile, node: ts.Node): number =>
  tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;

/** The path that a relative import means, or undefined for other imports. */
export function resolveRelative(from: Source, specifier: string): string | undefined {
  return specifier.startsWith(".") ? normalize(join(dirname(from.path), specifier)) : undefined;
}

/** The workspace package that an import names: `@shardlab/cli/main` is `cli`. */
export const packageOf = (specifier: string): string | undefined => /^@shardlab\/([a-z]+)/.exec(specifier)?.[1];

export interface PackageManifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly references: readonly string[];
}

/** What each folder of `packages/` declares in package.json, and references in tsconfig.json. */
export function readManifests(): Map<string, PackageManifest> {
  const names = readdirSync(join(root, "packages")).filter((name) =>
    existsSync(join(root, "packages", name, "package.json")),
  );
  return new Map(
    names.sort().map((name) => {
      const json = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
      const config = JSON.parse(readFileSync(join(root, "packages", name, "tsconfig.json"), "utf8"));
      const references = (config.references ?? []).map(({ path }: { path: string }) => path.replace("../", ""));
      const { dependencies = {}, devDependencies = {} } = json;
      return [name, { name: json.name, dependencies, devDependencies, references }];
    }),
  );
}
