import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { measureTable, type ReportContent } from "./content.ts";
import { type FigureKind, type FigureSpec, figures, renderFigure } from "./figures.ts";
import { reportPage } from "./page.ts";
import { renderPixels, renderPng } from "./png.ts";
import { writeReport } from "./write-report.ts";

const around = (mean: number) => ({ mean, low: 0.9 * mean, high: 1.1 * mean });

const samples: { readonly [K in FigureKind]: { readonly spec: FigureSpec<K>; readonly texts: readonly string[] } } = {
  "arm-comparison": {
    spec: {
      kind: "arm-comparison",
      data: {
        title: "Ownership <b>&</b> grants",
        seeds: 3,
        measures: [
          {
            label: "Compute",
            unit: "ZFLOP",
            scale: "log",
            better: "higher",
            arms: [
              { arm: "grants", ...around(2), values: [1, 2, 3] },
              { arm: "owners", ...around(20), values: [10, 20, 30] },
            ],
          },
          {
            label: "Time to target",
            unit: "days",
            arms: [
              {
                arm: "grants",
                mean: Number.NaN,
                low: Number.NaN,
                high: Number.NaN,
                values: [],
                remark: "never reached",
              },
              { arm: "owners", ...around(200), values: [190, 200, 210] },
            ],
          },
        ],
      },
    },
    texts: [
      "Compute",
      "ZFLOP (higher is better →)",
      "days",
      "grants",
      "owners",
      "never reached",
      "3 seeds",
      "Student-t",
    ],
  },
  bytes: {
    spec: {
      kind: "bytes",
      data: {
        title: "Traffic of each worker",
        seeds: 3,
        arms: ["hardware", "simulation"].map((arm) => ({
          arm,
          workers: [
            {
              worker: "stage 0, worker 1",
              sentBytesPerUpdate: 2e6,
              receivedBytesPerUpdate: 1e6,
              sentTensorBytesPerUpdate: 9e5,
            },
          ],
        })),
      },
    },
    texts: ["stage 0, worker 1", "MB per update", "hardware", "simulation", "sent", "received", "Means of 3 seeds"],
  },
  loss: {
    spec: {
      kind: "loss",
      data: {
        title: "Loss",
        seeds: 2,
        floor: 1.2,
        arms: ["hardware", "simulation"].map((arm, index) => ({
          arm,
          training: [1, 2, 3].map((update) => ({ update, seconds: update * (index + 1), ...around(4 - update) })),
          heldOut: [{ update: 3, seconds: 3, ...around(1.5) }],
        })),
        note: "The loss of others is not modelled.",
      },
    },
    texts: ["By updates", "By time", "Loss (nats per token)", "entropy of the data", "Mean of 2 seeds", "not modelled"],
  },
  "pipeline-timeline": {
    spec: {
      kind: "pipeline-timeline",
      data: {
        title: "What the workers did",
        windows: [
          {
            arm: "hardware",
            fromSeconds: 31.25,
            toSeconds: 32,
            updates: [{ update: 40, seconds: 31.9 }],
            workers: [
              {
                worker: "stage 0, worker 1",
                spans: [
                  { task: "forward", startSeconds: 31.3, endSeconds: 31.5, label: "7" },
                  { task: "backward", startSeconds: 31.6, endSeconds: 31.8, label: "7" },
                  { task: "reduce", startSeconds: 31.85, endSeconds: 31.9 },
                ],
              },
            ],
          },
        ],
      },
    },
    texts: [
      "hardware",
      "stage 0, worker 1",
      "ms since 31.25 s into the run",
      "forward",
      "backward",
      "reduce",
      "waiting",
    ],
  },
  prediction: {
    spec: {
      kind: "prediction",
      data: {
        title: "The simulation beside the hardware",
        remark: "An error of 7 %.",
        arms: [
          {
            arm: "hardware",
            measured: [2, 3, 4].map((update) => ({ update, seconds: 0.9 })),
            simulated: [2, 3, 4].map((update) => ({ update, seconds: 0.84 })),
            measuredMedian: 0.9,
            simulatedMedian: 0.84,
            bounds: [{ name: "compute plus transfer", seconds: 0.95 }],
          },
        ],
      },
    },
    texts: ["Median seconds per update", "hardware, measured", "compute plus transfer", "Update by update", "7 %"],
  },
  crossing: {
    spec: {
      kind: "crossing",
      data: {
        title: "owners:compute = grants:compute",
        subtitle: "Left minus right with up to 20 seeds.",
        xLabel: "revenue multiple",
        xUnit: "",
        xScale: "log",
        yLabel: "left minus right",
        yUnit: "ZFLOP",
        points: [1, 2, 4, 8].map((x) => ({ x, mean: x - 3, low: x - 3.5, high: x - 2.5 })),
        root: { value: 3, low: 2.5 },
      },
    },
    texts: ["revenue multiple", "left minus right (ZFLOP)", "up to 20 seeds", "95 % interval", "root and its"],
  },
  difference: {
    spec: {
      kind: "difference",
      data: {
        title: "Differences: owners & grants",
        subtitle: "Left minus right over 20 seeds; bars are 95 % Student-t intervals.",
        measures: [
          {
            label: "Compute",
            unit: "ZFLOP",
            rows: [
              { label: "at hazard 5 %/y", ...around(2), finding: "better" },
              { label: "at hazard 80 %/y", mean: -1, finding: "worse" },
            ],
          },
          { label: "Outlay", unit: "$", rows: [{ label: "owners − grants", mean: 0, finding: "not shown" }] },
        ],
      },
    },
    texts: ["Compute", "ZFLOP", "Outlay", "at hazard 80 %/y", "better", "worse", "no difference shown", "20 seeds"],
  },
  timeline: {
    spec: {
      kind: "timeline",
      data: {
        title: "Loss over time",
        label: "Loss",
        unit: "nats",
        timeLabel: "Time",
        timeUnit: "days",
        seeds: 20,
        band: "95 % Student-t interval",
        arms: ["grants", "owners"].map((arm, index) => ({
          arm,
          points: [0, 10, 20].map((time) => ({ time, ...around(4 - index - time / 20) })),
        })),
      },
    },
    texts: ["Loss (nats)", "Time (days)", "grants", "owners", "20 seeds", "95 % Student-t interval"],
  },
  frontier: {
    spec: {
      kind: "frontier",
      data: {
        title: "Break-even",
        subtitle: "20 seeds per point",
        xLabel: "Hazard",
        xUnit: "% per year",
        yLabel: "Revenue multiple",
        yUnit: "1",
        regions: { above: "ownership gathers more", below: "ownership gathers less" },
        lines: [
          {
            label: "discount 10 %",
            points: [
              { x: 0, y: 1, low: 0.9, high: 1.1 },
              { x: 50, y: 8, beyond: "above" },
            ],
          },
        ],
      },
    },
    texts: [
      "Hazard (% per year)",
      "Revenue multiple",
      "discount 10 %",
      "ownership gathers more",
      "ownership gathers less",
      "tested range",
    ],
  },
  sobol: {
    spec: {
      kind: "sobol",
      data: {
        title: "What decides",
        output: "log compute",
        runs: 4096,
        rows: [
          { parameter: "weak", first: around(0.1), total: around(0.2) },
          { parameter: "strong", first: around(0.5), total: around(0.7) },
        ],
      },
    },
    texts: ["Share of the variance of log compute (no unit)", "weak", "strong", "4,096 runs", "first order", "total"],
  },
  "ownership-concentration": {
    spec: {
      kind: "ownership-concentration",
      data: {
        title: "Who owns the model",
        subtitle: "median of 20 seeds",
        arms: [
          {
            arm: "owners",
            gini: 1 / 3,
            nakamoto: 410,
            curve: [0, 0.5, 1].map((holders) => ({ holders, owned: holders ** 2 })),
          },
        ],
      },
    },
    texts: ["Share of holders", "Share of ownership (%)", "owners: Gini 0.33, Nakamoto 410"],
  },
  reproduction: {
    spec: {
      kind: "reproduction",
      data: {
        title: "Predicted and published",
        quantity: "compute",
        unit: "PFLOP/s",
        note: "Each is predicted from all others; the mean error is 37 %.",
        points: [
          { label: "SETI@home", published: 0.7, predicted: 0.6, low: 0.4, high: 0.9 },
          { label: "Folding@home", published: 2400, predicted: 1900 },
        ],
      },
    },
    texts: [
      "Published compute (PFLOP/s)",
      "Predicted compute (PFLOP/s)",
      "SETI@home",
      "Folding@home",
      "37 %",
      "2 published figures",
    ],
  },
};
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
    "unknown figure: pie (expected arm-comparison, bytes, crossing",
  );
});

test("Sobol indices are sorted by the total index", () => {
  const shown = textOf(renderFigure(samples.sobol.spec, { theme: "light" }));
  expect(shown.indexOf("strong")).toBeLessThan(shown.indexOf("weak"));
});

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
  provenance: {
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
  },
};

describe("reportPage", () => {
  const page = reportPage(content);

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
