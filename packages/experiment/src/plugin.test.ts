import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bundlePlugin } from "./plugin-bundle.ts";
import { loadMechanismPlugin, mechanismFactories } from "./plugin-mechanism.ts";
import { repeatabilityFaults } from "./plugin-repeatability.ts";

const fixtures = fileURLToPath(new URL("../../../test/fixtures/plugins", import.meta.url));

/** A folder with these files in it. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-plugin-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const sound = `import { z } from "zod";
export const myRuleSpec = z.strictObject({ kind: z.literal("my-rule"), share: z.number().default(0.5) });
export const myRule = ({ share }: { share: number }) => ({ kind: "my-rule", claims: [], share });
`;

describe("a plugin", () => {
  it("is loaded with its spec, its parameters' defaults and the file beside it", async () => {
    const { kind, spec, create, code } = await loadMechanismPlugin("piece-rate.ts", fixtures);
    expect(kind).toBe("piece-rate");
    expect(spec.parse({ kind })).toEqual({ kind, price: 1.2 });
    expect(create(spec.parse({ kind })).kind).toBe(kind);
    expect(code).toContain(".01");
  });

  it("makes the same mechanisms again from its module alone", async () => {
    const plugin = await loadMechanismPlugin("piece-rate.ts", fixtures);
    const factories = await mechanismFactories([plugin]);
    expect([...factories.keys()]).toEqual(["piece-rate"]);
    expect(factories.get("piece-rate")?.({ kind: "piece-rate", price: 2 }).kind).toBe("piece-rate");
  });

  it("has the hash of what it does: not of its folder and comments, but of every number, also in what it imports", async () => {
    const hashOf = async (files: Readonly<Record<string, string>>) =>
      (await bundlePlugin("my-rule.ts", folderWith(files))).hash;
    const parts = {
      "my-rule.ts": `export { rate } from "./parts/rate.ts";`,
      "parts/rate.ts": "export const rate = 1;",
    };
    const base = await hashOf(parts);
    expect(base).toMatch(/^[0-9a-f]{16}$/);
    expect(await hashOf({ ...parts, "my-rule.ts": `// A remark.\n${parts["my-rule.ts"]}` })).toBe(base);
    expect(await hashOf({ ...parts, "parts/rate.ts": "export const rate = 2;" })).not.toBe(base);
  });

  const faulty: readonly (readonly [string, string, Readonly<Record<string, string>>, RegExp])[] = [
    ["does not compile", "my-rule.ts", { "my-rule.ts": "export const a = ;" }, /^my-rule\.ts:1:18: Unexpected ";"/],
    ["is not there", "my-rule.ts", {}, /my-rule\.ts/],
    [
      "imports what is not there",
      "my-rule.ts",
      { "my-rule.ts": `import "./lost.ts";` },
      /:1:8: Could not resolve "\.\/lost\.ts"/,
    ],
    [
      "fails as it loads",
      "my-rule.ts",
      { "my-rule.ts": `throw new Error("too early");` },
      /fails as it loads: my-rule\.ts \(too early\)/,
    ],
    ["exports nothing", "my-rule.ts", { "my-rule.ts": "const a = 1;" }, /has nothing \(expected myRuleSpec/],
    [
      "exports no function",
      "my-rule.ts",
      { "my-rule.ts": sound.replace("const myRule =", "const other =") },
      /expected function myRule/,
    ],
    [
      "has another kind than its name",
      "my-rule.ts",
      { "my-rule.ts": sound.replace('"my-rule"', '"your-rule"') },
      /invalid spec: myRuleSpec/,
    ],
    ["has a spec that is none", "my-rule.ts", { "my-rule.ts": sound.replace(/= z\.strict.*/, "= 7;") }, /invalid spec/],
    ["is named like one of ours", "grant.ts", { "grant.ts": sound }, /named like a built-in mechanism/],
    ["has no name of a method", "MyRule.ts", { "MyRule.ts": sound }, /invalid plugin name: MyRule\.ts/],
  ];

  it.each(faulty)("that %s is refused with a message for its author", async (_, file, files, message) => {
    await expect(loadMechanismPlugin(file, folderWith(files))).rejects.toThrow(message);
    await expect(loadMechanismPlugin(file, folderWith(files))).rejects.toHaveProperty("name", "PluginError");
  });
});

describe("what makes a run unrepeatable", () => {
  it.each([
    ["Math.random()", "context.uniform"],
    ["Date.now()", "epoch"],
    ["new Date()", "epoch"],
    ["performance.now()", "epoch"],
    ["process.env.HOME", "parameter"],
    ['import { readFileSync } from "node:fs"', "pure function"],
    ["Math.exp(x)", "@shardlab/numerics"],
    ["Math.log1p(x)", "@shardlab/numerics"],
    ["x ** 0.5", "pow"],
    ["(a + b)**2", "pow"],
    ["12**3", "pow"],
    ["y **= 3", "pow"],
  ])("%s is found, with what to do instead", (code, advice) => {
    const faults = repeatabilityFaults(`const y = 1; ${code};`);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(advice);
  });

  it.each([
    "Math.sqrt(x)",
    "Math.floor(x)",
    "2 ** 52",
    "2**-53",
    "a * b",
    "exp(x)",
    "context.uniform(0)",
    "updated.now",
  ])("%s is not", (code) => expect(repeatabilityFaults(`const y = ${code};`)).toEqual([]));
});
