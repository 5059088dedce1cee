/** Calls that would make a run depend on the machine or the moment, each with what to use instead. */
import ts from "typescript";
import { lineOf, type Source } from "./sources.ts";

const seeded = "take a stream of @shardlab/random";
const virtualTime = "take time from the world; only the command reads a clock";

/** Not allowed in any package below the command and the notebook. */
const impure: Readonly<Record<string, string>> = {
  "Date.now": virtualTime,
  "Date.parse": virtualTime,
  "performance.now": virtualTime,
  "process.hrtime": virtualTime,
  "process.env": "pass a parameter; only the command reads the environment",
  "Math.random": seeded,
};

/** Engines round these differently, so models take them from numerics. */
const inexact = [
  "acos",
  "acosh",
  "asin",
  "asinh",
  "atan",
  "atan2",
  "atanh",
  "cbrt",
  "cos",
  "cosh",
  "exp",
  "expm1",
  "hypot",
  "log",
  "log10",
  "log1p",
  "log2",
  "pow",
  "sin",
  "sinh",
  "tan",
  "tanh",
]; // prettier-ignore

export const modelPackages = new Set([
  "numerics",
  "random",
  "des",
  "network",
  "ledger",
  "games",
  "learning",
  "attacks",
  "compressors",
  "markets",
  "mechanisms",
  "strategies",
  "verification",
  "protocol",
  "economy",
  "simulation",
]);

/** Packages that face a person or real hardware, and may read a clock and the environment. */
const apps = new Set(["cli", "notebook", "runner"]);

/** Files that measure how long things took, which is kept beside the results and never inside the trace. */
const clockReaders = new Set(["packages/experiment/src/stopwatch.ts"]);

const inexactBans = Object.fromEntries(inexact.map((name) => [`Math.${name}`, `use ${name} of @shardlab/numerics`]));

function bansFor(source: Source): Readonly<Record<string, string>> {
  if (source.isTest || !source.path.startsWith("packages/") || apps.has(source.inPackage)) return {};
  return modelPackages.has(source.inPackage) ? { ...impure, ...inexactBans } : impure;
}

/** A power other than `2 ** 52` and the like, which are exact. */
function isInexactPower(node: ts.Node, tree: ts.SourceFile): boolean {
  if (!ts.isBinaryExpression(node)) return false;
  if (node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken) return true;
  if (node.operatorToken.kind !== ts.SyntaxKind.AsteriskAsteriskToken) return false;
  return !/^2n?$/.test(node.left.getText(tree)) || !/^-?\d+n?$/.test(node.right.getText(tree));
}

/** Banned calls, as `path:line: name: replacement`. */
export function bannedCallFaults(sources: readonly Source[]): string[] {
  const faults: string[] = [];
  for (const source of sources) {
    const bans = bansFor(source);
    if (Object.keys(bans).length === 0) continue;
    const refuse = (node: ts.Node, name: string, instead: string) =>
      faults.push(`${source.path}:${lineOf(source.tree, node)}: ${name}: ${instead}`);
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node)) {
        const name = node.getText(source.tree).replaceAll(/\?|\s|globalThis\./g, "");
        const instead = bans[name];
        if (instead !== undefined && !(instead === virtualTime && clockReaders.has(source.path)))
          refuse(node, name, instead);
      } else if (ts.isNewExpression(node) && node.expression.getText(source.tree) === "Date") {
        refuse(node, "new Date", virtualTime);
      } else if (modelPackages.has(source.inPackage) && isInexactPower(node, source.tree)) {
        refuse(node, "**", "use pow of @shardlab/numerics");
      }
      ts.forEachChild(node, visit);
    };
    visit(source.tree);
  }
  return faults;
}
