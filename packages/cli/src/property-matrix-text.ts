/** How the matrix of properties is told: a table for the terminal, a figure, and a page of both with every counter-example. */
import { mechanismProperties } from "@shardlab/contracts";
import type { FigureSpec, ReportContent } from "@shardlab/report";
import type { PropertyVerdict } from "@shardlab/testing";
import { partsOfFinding, worldText } from "./counter-example-text.ts";
import type { JudgedMechanism } from "./judged-mechanism.ts";
import { formatTable } from "./text-table.ts";

/** `grant monotonicity`: claims that do not hold. */
export const brokenClaims = (judged: readonly JudgedMechanism[]): string[] =>
  judged.flatMap(({ label, verdicts }) =>
    verdicts.filter(isBroken).map(({ property }) => `${label} does not have ${property}`),
  );

const isBroken = ({ isClaimed, verdict }: PropertyVerdict): boolean => isClaimed && verdict === "counter-example";

function cellOf(known: PropertyVerdict): string {
  const { verdict, cases, isClaimed } = known;
  if (isBroken(known)) return "BROKEN";
  if (verdict === "not-applicable") return "-";
  if (verdict === "counter-example") return "×";
  return `${verdict === "proved" ? "proof" : cases}${isClaimed ? "*" : ""}`;
}

/** The matrix, its legend, the conditions of claims, and every counter-example. */
export function matrixLines(judged: readonly JudgedMechanism[]): string[] {
  const numbers = mechanismProperties.map((_, index) => String(index + 1));
  const rows = judged.map(({ label, verdicts }) => [label, ...verdicts.map(cellOf)]);
  return [
    ...formatTable([["", ...numbers], ...rows], ["left", ...numbers.map(() => "right" as const)]),
    "",
    ...columns(mechanismProperties.map((property, index) => `${index + 1} ${property}`)),
    "",
    "*      claimed by the mechanism",
    "20     survived 20 random worlds",
    "proof  proved: it holds where its condition does and fails half a per cent beyond, in every world tried",
    "×      not claimed, and a counter-example shows why",
    "-      does not apply: nobody is offered anything for work",
    ...listed("conditions of claims, per epoch of work", conditionsOf(judged)),
    ...listed("counter-examples, each the smallest found", judged.flatMap(examplesOf)),
  ];
}

const listed = (heading: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", heading, ...lines.map((line) => `  ${line}`)];

/** Two to a line, so that they fit into 80 columns. */
function columns(entries: readonly string[]): string[] {
  const height = Math.ceil(entries.length / 2);
  const rows = Array.from({ length: height }, (_, row) => [entries[row] ?? "", entries[row + height] ?? ""]);
  return formatTable(rows, ["left", "left"]);
}

function conditionsOf(judged: readonly JudgedMechanism[]): string[] {
  const conditions = judged.flatMap(({ verdicts }) =>
    verdicts.flatMap(({ property, condition }) => (condition === null ? [] : [`${property}: ${condition}`])),
  );
  const unique = [...new Set(conditions)];
  return unique.length === 0 ? [] : [...unique, `(${symbols})`];
}

const symbols =
  "w pay, C cost, phi share of it saved by cheating, S stake lost, p audits, d found, f wrongly, s own share, dV damage";

const examplesOf = ({ label, verdicts }: JudgedMechanism): string[] =>
  verdicts.flatMap(({ property, found }) => (found === null ? [] : [`${label}, ${property}: ${inShort(found)}`]));

/** What happens, without the circumstances, which are in the page and in what --format json prints. */
const inShort = (found: string): string => partsOfFinding(found).happens;

interface Tried {
  readonly cases: number;
  readonly seed: number;
}

/** The matrix as a figure. */
export function matrixFigure(
  judged: readonly JudgedMechanism[],
  { cases, seed }: Tried,
): FigureSpec<"property-matrix"> {
  return {
    kind: "property-matrix",
    data: {
      title: "What each rule has been shown to do",
      subtitle: `Up to ${cases} random worlds for each cell (seed ${seed}), with default parameters; more for both sides of a boundary.`,
      properties: mechanismProperties,
      rows: judged.map(({ label, verdicts }) => ({ rule: label, cells: verdicts })),
    },
  };
}

/** A page that stands by itself. */
export async function matrixPage(judged: readonly JudgedMechanism[], tried: Tried): Promise<string> {
  const { reportPage } = await import("@shardlab/report");
  const broken = brokenClaims(judged);
  const claims = judged.flatMap(({ verdicts }) => verdicts.filter(({ isClaimed }) => isClaimed)).length;
  return reportPage({
    title: "Properties of mechanisms",
    question: "Which rule has which property, and where it has not, what goes wrong?",
    answer: {
      sentence:
        broken.length === 0 ? `All ${claims} claims held.` : `${broken.length} of ${claims} claims do not hold.`,
      basis: `${tried.cases} random worlds for each property, seed ${tried.seed}; the same command gives the same page.`,
    },
    findings: broken.map((text) => ({ heading: "Broken claim", text })),
    figures: [{ id: "properties", caption: "", spec: matrixFigure(judged, tried) }],
    tables: [conditionTable(judged), exampleTable(judged)],
    assumptions: [],
  });
}

type Table = ReportContent["tables"][number];

/** One row for each condition, with the rules that claim under it. */
function conditionTable(judged: readonly JudgedMechanism[]): Table {
  const byCondition = new Map<string, { cells: [string, string, string, string | null] }>();
  for (const { label, verdicts } of judged) {
    for (const { property, condition, proof } of verdicts) {
      if (condition === null) continue;
      const known = byCondition.get(`${property} ${condition}`)?.cells[0];
      const rules = known === undefined ? label : `${known}, ${label}`;
      byCondition.set(`${property} ${condition}`, { cells: [rules, property, condition, proof] });
    }
  }
  return {
    title: "Conditions of claims",
    note: symbols,
    columns: ["rules", "property", "claimed where", "why just there"].map((label) => ({ label, numeric: false })),
    rows: [...byCondition.values()],
  };
}

function exampleTable(judged: readonly JudgedMechanism[]): Table {
  return {
    title: "Counter-examples",
    note: "Each is the smallest world found. Worlds are small: a few providers, a few epochs, made whole from the seed.",
    columns: ["rule", "property", "what happens", "where"].map((label) => ({ label, numeric: false })),
    rows: judged.flatMap(({ label, verdicts }) =>
      verdicts.flatMap(({ property, found, plan }) => {
        if (plan === null) return [];
        const { happens, where } = partsOfFinding(found ?? "");
        return [{ cells: [label, property, happens, where === "" ? worldText(plan) : `${where}; ${worldText(plan)}`] }];
      }),
    ),
  };
}
