import { describe, expect, test } from "vitest";
import { type FigureSpec, renderFigure } from "../figures.ts";
import { renderPixels } from "../png.ts";
import type { PhasePortraitData } from "./phase-portrait.ts";

const portrait = (more: Partial<PhasePortraitData>): FigureSpec<"phase-portrait"> => ({
  kind: "phase-portrait",
  data: { title: "Choice", subtitle: "", strategies: [], populations: [], paths: [], rests: [], ...more },
});

const textOf = (svg: string): string =>
  [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]*)/g)]
    .map((match) => match[1])
    .join(" ")
    .replaceAll("\u00a0", " ");

const numbersOf = (text: string): number[] => text.match(/-?[\d.]+/g)?.map(Number) ?? [];

const line = portrait({
  strategies: ["hawk", "dove"],
  populations: [2],
  rests: [{ shares: [0.5, 0.5], kind: "stable" }],
  lead: {
    unit: "$",
    points: Array.from({ length: 21 }, (_, k) => ({ share: k / 20, mean: 10 - k, low: 9 - k, high: 11 - k })),
  },
});

const square = portrait({
  strategies: ["audit", "trust", "cheat", "work"],
  populations: [2, 2],
  paths: [
    {
      times: [0, 1, 2],
      points: [
        [0.2, 0.8, 0.3, 0.7],
        [0.5, 0.5, 0.5, 0.5],
        [0.7, 0.3, 0.1, 0.9],
      ],
    },
  ],
  rests: [{ shares: [0.2, 0.8, 0.1, 0.9], kind: "neutral" }],
}); // prettier-ignore

const four = portrait({
  strategies: ["a", "b", "c", "d"],
  populations: [4],
  paths: Array.from({ length: 6 }, () => ({
    times: [0, 5],
    points: [
      [0.25, 0.25, 0.25, 0.25],
      [1, 0, 0, 0],
    ],
  })),
}); // prettier-ignore

describe("a phase portrait", () => {
  test("of two strategies is the lead of the first over its share", () => {
    const shown = textOf(renderFigure(line, { theme: "light" }));
    for (const text of ["Share that plays hawk", "What hawk earns more than dove ($)", "lead of hawk", "95 % interval"])
      expect(shown).toContain(text);
  });

  test("of two strategies has arrows towards an equilibrium that lasts", () => {
    const svg = renderFigure(line, { theme: "light" });
    const arrows = [...svg.matchAll(/<g[^>]*aria-label="arrow"[^>]*>(.*?)<\/g>/gs)].flatMap((group) =>
      [...(group[1] as string).matchAll(/ d="M([^"]*?)M/g)].map((match) => numbersOf(match[1] as string)),
    );
    expect(arrows.length).toBeGreaterThan(5);
    const middle = (Math.min(...arrows.map(([x]) => x as number)) + Math.max(...arrows.map(([x]) => x as number))) / 2;
    for (const [from = 0, , to = 0] of arrows)
      if (Math.abs(from - middle) > 30) expect(Math.sign(to - from)).toBe(Math.sign(middle - from));
  });

  test("of two populations of two is a square", () => {
    const shown = textOf(renderFigure(square, { theme: "dark" }));
    for (const text of ["Share that plays audit", "Share that plays cheat", "path of both populations"])
      expect(shown).toContain(text);
  });

  test("of more strategies shows shares over time, and says how many paths it leaves out", () => {
    const shown = textOf(renderFigure(four, { theme: "light" }));
    for (const text of ["Start 1", "Start 4", "Time, in units of", "2 other paths are left out."])
      expect(shown).toContain(text);
    expect(shown).not.toContain("Start 5");
  });

  test.each([
    ["line", line],
    ["square", square],
    ["four", four],
  ] as const)("%s is drawn in both themes without invalid numbers", (_, spec) => {
    for (const theme of ["light", "dark"] as const) {
      const svg = renderFigure(spec, { theme });
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      const { pixels } = renderPixels(svg);
      expect(new Set(new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4)).size).toBeGreaterThan(20);
    }
  });
});
