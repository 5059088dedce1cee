import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { measureTable, type ReportContent } from "./content.ts";
import { type FigureKind, type FigureSpec, figures, renderFigure } from "./figures.ts";
import { around, samples } from "./fixtures/figure-samples.ts";
import { reportPage } from "./page.ts";
import { renderPixels, renderPng } from "./png.ts";
import { writeReport } from "./write-report.ts";

const kinds = Object.keys(figures) as FigureKind[];

/** Text that a reader sees, with breakable and unbreakable spaces alike. */
const textOf = (svg: string): string =>
  [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]*)/g)]
    .map((match) => match[1])
    .join(" ")
    .replaceAll("\u00a0", " ");

describe.each(kinds)("%s", (kind) => {
  const { spec, texts } = samples[kind];
  const svg = renderFigure(spec, { theme: "light" });

  test("is a standalone SVG with its title, axis labels, n and interval", () => {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    const shown = textOf(svg);
    const title = spec.data.title.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    for (const text of [title, ...texts]) expect(shown).toContain(text);
  });

  test("holds no invalid number, no style sheet and no reference to elsewhere", () => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<style|href|url\(/);
    expect(svg.replaceAll(/xmlns(:\w+)?="[^"]*"/g, "")).not.toContain("http");
  });

  test("has the same bytes every time", () => {
    expect(renderFigure(spec, { theme: "light" })).toBe(svg);
  });

  test("is drawn, with text, in both themes", () => {
    for (const theme of ["light", "dark"] as const) {
      const drawing = renderFigure(spec, { theme });
      expect(colorsIn(drawing)).toBeGreaterThan(colorsIn(drawing.replaceAll(/<text[^>]*>[^<]*<\/text>/g, "")));
    }
    expect(renderFigure(spec, { theme: "dark" })).not.toBe(svg);
    expect([...renderPng(svg).slice(1, 4)]).toEqual([...Buffer.from("PNG")]);
  });
});

function colorsIn(svg: string): number {
  const { pixels } = renderPixels(svg);
  return new Set(new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4)).size;
}

test("an unknown figure is an error that names those there are", () => {
  const spec = { kind: "pie", data: {} } as unknown as FigureSpec;
  expect(() => renderFigure(spec, { theme: "light" })).toThrow(
    "unknown figure: pie (expected arm-comparison, bytes, claim-region",
  );
});

test("Sobol indices are sorted by the total index", () => {
  const shown = textOf(renderFigure(samples.sobol.spec, { theme: "light" }));
  expect(shown.indexOf("strong")).toBeLessThan(shown.indexOf("weak"));
});

const provenance = {
  experiment: "resource-problem",
  scenarioHash: "abc123",
  modelHash: "def456",
  commit: null,
  dirty: null,
  runs: 120,
  seeds: "1 to 20",
  determinism: "exact",
  node: "20.20.2",
  wallSeconds: 200,
  cpuSeconds: 7500,
} as const;

const content: ReportContent = {
  title: "The resource problem",
  question: "Does <script>alert('x')</script> \"ownership\" & co. win?",
  expectation: "It does.",
  answer: { sentence: "By a factor of 1.5 (95 % interval 1.4 to 1.6).", basis: "20 seeds" },
  findings: [{ heading: "Where ownership does not win", text: "At high <hazard>." }],
  figures: kinds.map((kind) => ({ id: kind, caption: `The ${kind} & more`, spec: samples[kind].spec })),
  tables: [
    measureTable("Measures", [
      {
        measure: "compute",
        unit: "ZFLOP",
        arm: "grants",
        ...around(2),
        count: 20,
        minimalDetectableDifference: 0.2512,
      },
      { measure: "gini", unit: "1", arm: "grants", ...around(0.5), count: 20 },
      { measure: "compute", unit: "ZFLOP", arm: "owners", ...around(20), count: 20 },
    ]),
  ],
  assumptions: [{ statement: "links hold" }, { statement: "logit choice", checkedAgainst: "closed form" }],
  provenance,
};

describe("reportPage", () => {
  const page = reportPage(content);

  test("tells the time of the processor only where it was read", () => {
    expect(page).toContain("<dd>3 min 20 s, of processor 2 h 5 min</dd>");
    const clockOnly = { ...provenance, cpuSeconds: undefined };
    expect(reportPage({ ...content, provenance: clockOnly })).toContain("<dd>3 min 20 s</dd>");
  });

  test("loads nothing and runs nothing", () => {
    expect(page.replaceAll(/xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(
      /https?:\/\/|<script|<link|@import|url\((?!data:)|src=/i,
    );
  });

  test("escapes what it is given", () => {
    expect(page).toContain("Does &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;ownership&quot; &amp; co. win?");
    expect(page).toContain("At high &lt;hazard&gt;.");
  });

  test("has answer, provenance, checks and detectable differences", () => {
    const shown = [
      "1.5 (95 % interval 1.4 to 1.6)",
      "not checked",
      "closed form",
      "abc123",
      "def456",
      "outside a git checkout",
    ];
    for (const text of [...shown, "3 min 20 s", "2 h 5 min", ">0.25<", ">1.800<", "1 to 20"])
      expect(page).toContain(text);
  });

  test("groups the table by measure, in the order in which they came", () => {
    const groups = [...page.matchAll(/scope="rowgroup"[^>]*>([^<]*)/g)].map((match) => match[1]);
    expect(groups).toEqual(["compute (ZFLOP)", "gini"]);
  });

  test("takes every colour of its figures from variables, which exist for light and dark", () => {
    const body = page.slice(page.indexOf("<body>"));
    expect(body).not.toMatch(/#[0-9a-f]{6}"/);
    const used = new Set([...body.matchAll(/var\(--([\w-]+)\)/g)].map((match) => match[1]));
    for (const name of used) expect(page.split(`--${name}:#`)).toHaveLength(3);
  });

  test("has the same bytes every time", () => expect(reportPage(content)).toBe(page));
});

describe("writeReport", () => {
  const directory = mkdtempSync(join(tmpdir(), "shardlab-report-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("writes the page and each figure as SVG and PNG, and leaves nothing else", () => {
    writeReport(directory, content);
    const written = writeReport(directory, content);
    expect(readFileSync(join(directory, written.page), "utf8")).toBe(reportPage(content));
    expect(readdirSync(directory).sort()).toEqual(["figures", "report.html"]);
    const files = kinds.flatMap((kind) => [`${kind}.png`, `${kind}.svg`]);
    expect(readdirSync(join(directory, "figures")).sort()).toEqual(files.sort());
  });

  test("refuses ids that are no file names", () => {
    const figure = { id: "../up", caption: "", spec: samples.sobol.spec };
    expect(() => writeReport(directory, { ...content, figures: [figure] })).toThrow(
      "figure id is not kebab-case or not unique: ../up",
    );
  });
});
