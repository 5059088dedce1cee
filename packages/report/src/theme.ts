/**
 * Colours of figures and pages. The eight series colours start from Okabe and Ito's and were then moved apart until
 * every pair stays apart in simulated protanopia, deuteranopia and tritanopia (Machado, Oliveira and Fernandes 2009)
 * and each has at least 3:1 contrast with its background; `theme.test.ts` measures both.
 */
export interface Theme {
  readonly name: "light" | "dark";
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly rule: string;
  readonly grid: string;
  /** Colours of arms or lines, in the order in which they are given out. */
  readonly series: readonly string[];
}

export const lightTheme: Theme = {
  name: "light",
  background: "#ffffff",
  text: "#1a1d21",
  muted: "#5c636b",
  rule: "#9aa1a9",
  grid: "#e4e6e9",
  series: ["#195b99", "#ee4410", "#18925f", "#784aff", "#333333", "#e05a9c", "#1d9fd6", "#8e3e22"],
};

export const darkTheme: Theme = {
  name: "dark",
  background: "#15181d",
  text: "#e6e8eb",
  muted: "#a2a9b2",
  rule: "#6d747d",
  grid: "#2b3038",
  series: ["#298eb3", "#ff6912", "#35bb7b", "#a07fff", "#f0f0f0", "#ff98bf", "#5bcfff", "#b86077"],
};

export const themes = { light: lightTheme, dark: darkTheme } as const;
export type ThemeName = keyof typeof themes;

/** The colour of series number `index`; the ninth starts over. */
export function seriesColor(theme: Theme, index: number): string {
  return theme.series[index % theme.series.length] ?? theme.text;
}

/** The colours of a theme under the names that pages use for them (`--series-0`, `--text`). */
export function themeColors(theme: Theme): Readonly<Record<string, string>> {
  const { background, text, muted, rule, grid, series } = theme;
  const numbered = Object.fromEntries(series.map((color, index) => [`series-${index}`, color]));
  return { background, text, muted, rule, grid, ...numbered };
}

/** Inter is shipped for PNG and embedded in pages; an SVG by itself falls back to what the reader's system has. */
export const fontFamily = "Inter, system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
