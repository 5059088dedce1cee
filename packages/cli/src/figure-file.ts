/** A figure that a person asked for by the name of a file. */
import type { FigureSpec } from "@shardlab/report";
import { InputError } from "./input-error.ts";

export interface FigureFile {
  readonly path: string;
  readonly kind: "svg" | "png";
}

/** @throws InputError unless the file ends in .svg or .png. */
export function figureFile(path: string): FigureFile {
  const kind = /\.(svg|png)$/i.exec(path)?.[1]?.toLowerCase();
  if (kind !== "svg" && kind !== "png") throw new InputError(`unknown kind of figure: ${path} (expected .svg or .png)`);
  return { path, kind };
}

/** Draws a figure into its file, replacing an earlier one at once. */
export async function writeFigure({ path, kind }: FigureFile, spec: FigureSpec): Promise<void> {
  const { renderFigure, renderPng } = await import("@shardlab/report");
  const { replaceFile } = await import("@shardlab/results");
  const svg = renderFigure(spec, { theme: "light" });
  replaceFile(path, kind === "svg" ? svg : renderPng(svg));
}
