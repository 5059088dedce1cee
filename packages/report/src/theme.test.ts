import { describe, expect, test } from "vitest";
import { darkTheme, lightTheme, themeColors } from "./theme.ts";

type Triple = readonly [number, number, number];

/** sRGB to linear light (IEC 61966-2-1). */
function linear(color: string): Triple {
  const channel = (start: number): number => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** Contrast ratio of WCAG 2.2. */
function contrast(first: string, second: string): number {
  const luminance = (color: string): number => {
    const [red, green, blue] = linear(color);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const multiply = (matrix: readonly Triple[], [x, y, z]: Triple): Triple => {
  const [a, b, c] = matrix.map((row) => row[0] * x + row[1] * y + row[2] * z);
  return [a ?? 0, b ?? 0, c ?? 0];
};

/** Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB. */
const deficiencies: Readonly<Record<string, readonly Triple[]>> = {
  none: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Ottosson's OKLab, in which equal distances look about equally different. */
function oklab(rgb: Triple): Triple {
  const cone = multiply(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  );
  const root: Triple = [Math.cbrt(cone[0]), Math.cbrt(cone[1]), Math.cbrt(cone[2])];
  return multiply(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    root,
  );
}

function seen(color: string, matrix: readonly Triple[]): Triple {
  const [red, green, blue] = multiply(matrix, linear(color));
  const clip = (value: number): number => Math.max(0, Math.min(1, value));
  return oklab([clip(red), clip(green), clip(blue)]);
}

describe.each([lightTheme, darkTheme])("$name theme", (theme) => {
  test("is legible: text 7:1, muted text 4.5:1, series 3:1 (WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11)", () => {
    expect(contrast(theme.text, theme.background)).toBeGreaterThanOrEqual(7);
    expect(contrast(theme.muted, theme.background)).toBeGreaterThanOrEqual(4.5);
    for (const color of theme.series) expect(contrast(color, theme.background)).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.keys(deficiencies))("keeps its series apart with %s, as far as Okabe and Ito's do", (name) => {
    const matrix = deficiencies[name] ?? [];
    for (const [index, first] of theme.series.entries()) {
      for (const second of theme.series.slice(index + 1)) {
        const [a, b] = [seen(first, matrix), seen(second, matrix)];
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        // The closest pair of Okabe and Ito's palette is 0.076 apart (green and purple in deuteranopia).
        expect(distance, `${first} ${second}`).toBeGreaterThanOrEqual(0.076);
      }
    }
  });

  test("gives each role a colour of its own, so that pages can tell them apart", () => {
    const colors = Object.values(themeColors(theme));
    expect(new Set(colors).size).toBe(colors.length);
  });
});
