import { join } from "node:path";
import { replaceFile } from "@shardlab/results";
import type { ReportContent } from "./content.ts";
import { renderFigure } from "./figures.ts";
import { reportPage } from "./page.ts";
import { renderPng } from "./png.ts";

const idPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The files of a report, relative to its folder. */
export interface WrittenReport {
  readonly page: string;
  readonly figures: readonly string[];
}

/**
 * Writes the page, `report.html` unless it has another name, and every figure as `figures/<id>.svg` and `.png` on a light ground. Each file is replaced at
 * once, the page last.
 *
 * @param directory folder of the experiment.
 * @throws ResultsError (`cannot write results: ...`) when the disk is full or the folder cannot be written.
 */
export function writeReport(directory: string, content: ReportContent, page = "report.html"): WrittenReport {
  const ids = content.figures.map(({ id }) => id);
  const unfit = ids.find((id, index) => !idPattern.test(id) || ids.indexOf(id) !== index);
  if (unfit !== undefined) throw new Error(`figure id is not kebab-case or not unique: ${unfit}`);
  const figures: string[] = [];
  for (const { id, spec } of content.figures) {
    const svg = renderFigure(spec, { theme: "light" });
    const files = { [join("figures", `${id}.svg`)]: `${svg}\n`, [join("figures", `${id}.png`)]: renderPng(svg) };
    for (const [file, bytes] of Object.entries(files)) replaceFile(join(directory, file), bytes);
    figures.push(...Object.keys(files));
  }
  replaceFile(join(directory, page), reportPage(content));
  return { page, figures };
}
