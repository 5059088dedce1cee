import type { Assumption } from "@shardlab/contracts";
import type { Cell, Provenance, ReportContent, ReportFigure, ReportTable } from "./content.ts";
import { renderFigure } from "./figures.ts";
import { embeddedFont } from "./fonts.ts";
import { pageStyle } from "./style.ts";
import { escapeHtml, formatNumber } from "./text.ts";
import { lightTheme, themeColors } from "./theme.ts";

const variableOf = new Map(Object.entries(themeColors(lightTheme)).map(([name, color]) => [color, `var(--${name})`]));

/**
 * The SVG of a figure with the colours of the light theme replaced by the page's variables, so that one drawing serves
 * light, dark and paper.
 */
function inlineFigure(figure: ReportFigure): string {
  const svg = renderFigure(figure.spec, { theme: "light" });
  return svg.replaceAll(
    /"(#[0-9a-f]{6})"/g,
    (quoted, color: string) => `"${variableOf.get(color) ?? quoted.slice(1, -1)}"`,
  );
}

const section = (heading: string, body: string, wide = false): string =>
  body === "" ? "" : `<section${wide ? ' class="wide"' : ""}>\n<h2>${escapeHtml(heading)}</h2>\n${body}\n</section>`;

const labelled = (label: string, text: string | undefined, style = ""): string =>
  text === undefined
    ? ""
    : `<p${style && ` class="${style}"`}><span class="label">${label}</span>${escapeHtml(text)}</p>`;

function figureHtml(figure: ReportFigure): string {
  const caption = figure.caption === "" ? "" : `<figcaption>${escapeHtml(figure.caption)}</figcaption>`;
  return `<figure id="${escapeHtml(figure.id)}">\n${inlineFigure(figure)}\n${caption}</figure>`;
}

function cellHtml(cell: Cell, numeric: boolean): string {
  const text = cell === null ? "–" : typeof cell === "number" ? formatNumber(cell, 4) : cell;
  return `<td${numeric ? ' class="number"' : ""}>${escapeHtml(text)}</td>`;
}

function tableHtml(table: ReportTable): string {
  const { columns } = table;
  const head = columns.map(
    ({ label, numeric }) => `<th scope="col"${numeric ? ' class="number"' : ""}>${escapeHtml(label)}</th>`,
  );
  const lines: string[] = [];
  let group: string | undefined;
  for (const row of table.rows) {
    if (row.group !== undefined && row.group !== group) {
      lines.push(`<tr><th scope="rowgroup" colspan="${columns.length}">${escapeHtml(row.group)}</th></tr>`);
    }
    group = row.group;
    const cells = columns.map(({ numeric }, index) => cellHtml(row.cells[index] ?? null, numeric));
    lines.push(`<tr>${cells.join("")}</tr>`);
  }
  const note = table.note === undefined ? "" : `\n<p class="note">${escapeHtml(table.note)}</p>`;
  return `<div class="scroll"><table>\n<thead><tr>${head.join("")}</tr></thead>\n<tbody>\n${lines.join("\n")}\n</tbody>\n</table></div>${note}`;
}

function assumptionsHtml(assumptions: readonly Assumption[]): string {
  if (assumptions.length === 0) return "";
  const rows = assumptions.map(({ statement, checkedAgainst }) => {
    const check =
      checkedAgainst === undefined
        ? '<td class="unchecked">not checked</td>'
        : `<td>${escapeHtml(checkedAgainst)}</td>`;
    return `<tr><td>${escapeHtml(statement)}</td>${check}</tr>`;
  });
  const head = '<thead><tr><th scope="col">taken for granted</th><th scope="col">checked against</th></tr></thead>';
  return `<div class="scroll"><table>\n${head}\n<tbody>\n${rows.join("\n")}\n</tbody>\n</table></div>`;
}

/** Seconds as a person says them: `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${formatNumber(seconds, 2)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const determinismText = {
  exact: "exact: the same trace on any machine",
  "per-backend": "per backend: the same numbers on one compute backend",
  measured: "measured: recorded, not promised",
} as const;

const timeText = ({ wallSeconds, cpuSeconds }: Provenance): string =>
  formatSeconds(wallSeconds) + (cpuSeconds === undefined ? "" : `, of processor ${formatSeconds(cpuSeconds)}`);

function provenanceHtml(provenance: Provenance): string {
  const code = (text: string): string => `<code>${escapeHtml(text)}</code>`;
  const { commit, dirty } = provenance;
  const changed = dirty ? ", with uncommitted changes" : "";
  const entries: readonly (readonly [string, string])[] = [
    ["experiment", code(provenance.experiment)],
    ["scenario", code(provenance.scenarioHash)],
    ["model code", code(provenance.modelHash)],
    ["commit", commit === null ? "outside a git checkout" : code(commit) + changed],
    ["runs", formatNumber(provenance.runs)],
    ["seeds", escapeHtml(provenance.seeds)],
    ["repeatability", determinismText[provenance.determinism]],
    ["Node.js", escapeHtml(provenance.node)],
    ["time", timeText(provenance)],
  ];
  return `<dl>\n${entries.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join("\n")}\n</dl>`;
}

function headerHtml(content: ReportContent): string {
  const { answer } = content;
  const basis = answer.basis === undefined ? "" : `<p class="basis">${escapeHtml(answer.basis)}</p>`;
  return [
    "<header>",
    `<h1>${escapeHtml(content.title)}</h1>`,
    labelled("Question", content.question, "question"),
    labelled("What was expected", content.expectation),
    labelled("Reference", content.reference),
    `<div class="answer"><span class="label">Answer</span><p>${escapeHtml(answer.sentence)}</p>${basis}</div>`,
    "</header>",
  ].join("\n");
}

const listHtml = (items: readonly string[]): string =>
  items.length === 0 ? "" : `\n<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;

/**
 * One self-contained page for an experiment: it loads nothing, follows the reader's light or dark setting, and prints.
 * The same content gives the same bytes.
 */
export function reportPage(content: ReportContent): string {
  const findings = content.findings.map(
    ({ heading, text, items = [] }) => `<h3>${escapeHtml(heading)}</h3>\n<p>${escapeHtml(text)}</p>${listHtml(items)}`,
  );
  const body = [
    headerHtml(content),
    section("What was found", findings.join("\n")),
    section("Figures", content.figures.map(figureHtml).join("\n"), true),
    ...content.tables.filter(({ rows }) => rows.length > 0).map((table) => section(table.title, tableHtml(table))),
    section("Assumptions", assumptionsHtml(content.assumptions)),
    section("Provenance", content.provenance === undefined ? "" : provenanceHtml(content.provenance)),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(content.title)}</title>
<style>
${embeddedFont()}
${pageStyle}
</style>
</head>
<body>
<main>
${body.filter((part) => part !== "").join("\n")}
</main>
</body>
</html>
`;
}
