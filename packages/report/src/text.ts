/** Text in figures: widths without a browser, wrapping, and numbers as people write them. */

/** Advance widths of Inter in ems, rounded up to the semi-bold; system fonts are about as wide or narrower. */
const advanceEms: readonly (readonly [string, number])[] = [
  [" \u00a0Iijl!',.:;`", 0.3],
  ["()/[]\\ft|", 0.37],
  ['1r"-^_{}', 0.45],
  ["*?Lacksvxyz7J", 0.57],
  ["235689EFbdeghnopqu", 0.62],
  ["#$&+04<=>BKPRSTZ~", 0.66],
  ["ADVXYCGHNOQU", 0.76],
  ["wMmW@%", 0.95],
];
const advanceOf = new Map(advanceEms.flatMap(([letters, width]) => [...letters].map((letter) => [letter, width])));

/** About how wide `text` is, in pixels, at this font size. */
export function textWidth(text: string, fontSize: number): number {
  let ems = 0;
  for (const letter of text) ems += advanceOf.get(letter) ?? 0.66;
  return ems * fontSize;
}

/** Lines of about the same length, as few as fit into `width` pixels. */
export function balanceText(text: string, fontSize: number, width: number): string[] {
  let lines = wrapText(text, fontSize, width);
  for (let narrower = width - fontSize; narrower > width / 2; narrower -= fontSize) {
    const tighter = wrapText(text, fontSize, narrower);
    if (tighter.length > lines.length) break;
    lines = tighter;
  }
  return lines;
}

/** Breaks `text` at breaking spaces into lines that are at most `width` pixels wide, as far as its words allow. */
export function wrapText(text: string, fontSize: number, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/[ \t\n]+/).filter((part) => part !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, fontSize) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === "" ? lines : [...lines, line];
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10 to an integer power, as it is written: `10⁻³`. */
export function powerOfTen(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]);
  return `10${exponent < 0 ? "⁻" : ""}${digits.join("")}`;
}

const groupThousands = (digits: string): string => digits.replaceAll(/\B(?=(\d{3})+$)/g, ",");
const trimZeros = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/**
 * A number to `digits` significant digits: `0.0123`, `1,234`, `1.2 × 10⁹`, with a true minus sign. Integers below a
 * million are written out. Infinity is `∞`, and what is not a number is `n/a`. Columns of numbers
 * keep the zeros at the end.
 */
export function formatNumber(value: number, digits = 3, zeros: "trim" | "keep" = "trim"): string {
  const trim = zeros === "trim" ? trimZeros : (text: string): string => text;
  if (Number.isNaN(value)) return "n/a";
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${sign}∞`;
  if (size === 0) return "0";
  if (Number.isInteger(size) && size < 1e6) return sign + groupThousands(String(size));
  const [mantissa = "", exponentText = "0"] = size.toExponential(digits - 1).split("e");
  const exponent = Number(exponentText);
  if (exponent < -3 || exponent >= 6) {
    const factor = trim(mantissa);
    return sign + (factor === "1" ? powerOfTen(exponent) : `${factor} × ${powerOfTen(exponent)}`);
  }
  const decimals = Math.max(0, digits - 1 - exponent);
  const [whole = "", fraction] = size.toFixed(decimals).split(".");
  const grouped = groupThousands(whole);
  return sign + (fraction === undefined ? grouped : trim(`${grouped}.${fraction}`));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it stands in HTML, SVG or an attribute of either. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? letter);
}
