/** The rules of ARCHITECTURE.md and CONTRIBUTING.md, as tests: each prints what breaks it and where. */
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { bannedCallFaults } from "./architecture/banned-calls.ts";
import { cycles, dependencyFaults, layerFaults, rankOf, registryImportFaults } from "./architecture/layers.ts";
import {
  defaultExportFaults,
  nameFaults,
  readmeFaults,
  registryFaults,
  sizeFaults,
  wordFaults,
} from "./architecture/shape.ts";
import { readManifests, readSources, type Source } from "./architecture/sources.ts";

const sources = readSources();
const manifests = readManifests();

/** A source that is not on disk, to show that a rule can fail. */
function imaginary(path: string, text: string): Source {
  const [, inPackage = ""] = path.split("/");
  return {
    path,
    inPackage,
    isTest: path.endsWith(".test.ts"),
    text,
    tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
  };
}

describe("layers", () => {
  it("ranks every package", () => {
    expect([...manifests.keys()].filter((name) => rankOf(name) === undefined)).toEqual([]);
  });

  it("imports only downwards", () => {
    expect(layerFaults(sources)).toEqual([]);
  });

  it("refuses an upward import, a world in the report, and testing outside tests", () => {
    const upward = imaginary("packages/ledger/src/a.ts", 'import { x } from "@shardlab/economy";');
    const report = imaginary("packages/report/src/a.ts", 'const x = await import("@shardlab/mechanisms/grant");');
    const scaffold = imaginary("packages/economy/src/a.ts", 'export { x } from "@shardlab/testing";');
    expect(layerFaults([upward, report, scaffold])).toEqual([
      "packages/ledger/src/a.ts:1: imports upwards: economy",
      "packages/report/src/a.ts:1: reads results only, yet imports mechanisms",
      "packages/economy/src/a.ts:1: only tests and the command import testing",
    ]);
  });

  it("imports registries from scenario and experiment alone", () => {
    expect(registryImportFaults(sources)).toEqual([]);
    const world = imaginary("packages/economy/src/a.ts", 'import { createMechanism } from "@shardlab/mechanisms";');
    expect(registryImportFaults([...sources, world])).toHaveLength(1);
  });

  it("declares exactly the dependencies that it imports", () => {
    expect(dependencyFaults(sources, manifests)).toEqual([]);
  });

  it("has no import cycles", () => {
    expect(cycles(sources)).toEqual([]);
    const a = imaginary("packages/x/src/a.ts", 'import "./b.ts";');
    const b = imaginary("packages/x/src/b.ts", 'export * from "./a.ts";');
    expect(cycles([a, b])).toEqual(["packages/x/src/a.ts -> packages/x/src/b.ts -> packages/x/src/a.ts"]);
  });
});

describe("determinism", () => {
  it("calls nothing that depends on the machine or the moment", () => {
    expect(bannedCallFaults(sources)).toEqual([]);
  });

  it("refuses clocks, ambient randomness and inexact functions, and names the replacement", () => {
    const text = "const x = Math.exp(1) + Math.random() + Date.now() + 2 ** x + 2 ** 52; new Date(); process.env.HOME;";
    expect(bannedCallFaults([imaginary("packages/economy/src/a.ts", text)])).toHaveLength(6);
    expect(bannedCallFaults([imaginary("packages/economy/src/a.test.ts", text)])).toEqual([]);
    expect(bannedCallFaults([imaginary("packages/economy/src/a.ts", "Math.log(2)")])).toEqual([
      "packages/economy/src/a.ts:1: Math.log: use log of @shardlab/numerics",
    ]);
  });
});

describe("shape", () => {
  it("keeps functions within 70 lines and files within 400", () => {
    expect(sizeFaults(sources)).toEqual([]);
    const long = `export function f() {\n${"f();\n".repeat(69)}}\n`;
    expect(sizeFaults([imaginary("packages/x/src/a.ts", long)])).toEqual([
      "packages/x/src/a.ts:1: function of 71 lines",
    ]);
  });

  it("names files by their topic", () => {
    expect(nameFaults(sources)).toEqual([]);
    expect(nameFaults([imaginary("packages/x/src/string-utils.ts", "")])).toHaveLength(1);
  });

  it("has no default exports", () => {
    expect(defaultExportFaults(sources)).toEqual([]);
    expect(defaultExportFaults([imaginary("packages/x/src/a.ts", "export default 1;")])).toHaveLength(1);
  });

  it("registers every published method under the name of its file", () => {
    expect(registryFaults(sources)).toEqual([]);
    const orphan = imaginary(
      "packages/mechanisms/src/lottery.ts",
      'export const lotterySpec = z.strictObject({ kind: z.literal("lotery") });',
    );
    expect(registryFaults([...sources, orphan])).toHaveLength(3);
  });

  it("has a README in every package", () => {
    expect(readmeFaults(manifests.keys())).toEqual([]);
  });

  it("speaks of itself alone", () => {
    expect(wordFaults()).toEqual([]);
  });
});
