import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Inter (SIL Open Font License 1.1), as TrueType for drawing PNG and as a Latin subset for pages. */
const trueTypeFiles = [
  "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
  "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
];
const webFontFile = "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2";

const require = createRequire(import.meta.url);

/** Paths of the fonts that PNG files are drawn with. */
export function trueTypeFonts(): string[] {
  return trueTypeFiles.map((file) => require.resolve(file));
}

/** The rule that embeds the font in a page (64 KB); letters outside the subset come from the reader's system. */
export function embeddedFont(): string {
  const data = readFileSync(require.resolve(webFontFile)).toString("base64");
  return `@font-face{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,${data}) format("woff2")}`;
}
