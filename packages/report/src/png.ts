import { Resvg } from "@resvg/resvg-js";
import { trueTypeFonts } from "./fonts.ts";

function render(svg: string, scale: number) {
  // Without a font resvg leaves all text out and says nothing, so only the shipped one is ever used.
  return new Resvg(svg, {
    font: { fontFiles: trueTypeFonts(), loadSystemFonts: false, defaultFontFamily: "Inter", sansSerifFamily: "Inter" },
    fitTo: { mode: "zoom", value: scale },
  }).render();
}

/** Renders an SVG document as PNG, with the shipped font and `scale` pixels per unit of the drawing. */
export function renderPng(svg: string, scale = 2): Uint8Array {
  return render(svg, scale).asPng();
}

/** The pixels of an SVG document as red, green, blue and alpha bytes, row by row. */
export function renderPixels(svg: string, scale = 1): { width: number; height: number; pixels: Uint8Array } {
  const { width, height, pixels } = render(svg, scale);
  return { width, height, pixels };
}
