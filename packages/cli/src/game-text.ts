/** The answer of a game, as text for a terminal. */
import type { EquilibriumAnswer, GameAnswer, PopulationAnswer, RolesAnswer } from "@shardlab/experiment";
import type { GameDocument } from "./game-document.ts";
import {
  basinText,
  continua,
  mixText,
  persistenceText,
  profileText,
  rolesMixText,
  shareText,
  stabilityText,
  tidy,
  verdictOf,
  withInterval,
} from "./game-words.ts";
import { formatQuantity, formatRange } from "./number-format.ts";
import { formatTable } from "./text-table.ts";

type Estimate = EquilibriumAnswer["payoff"];

/** Tables wider than this are left to the page. */
const widestTable = 8;

/** The whole answer, line by line. */
export function gameLines({ question, games, runs }: GameDocument): string[] {
  const measured = runs.total > 0 ? [`${runs.total} runs, of which ${runs.cached} were stored`] : [];
  return [question, "", ...games.map(verdictOf), "", ...games.flatMap(linesOf), ...measured];
}

const linesOf = (answer: GameAnswer): string[] =>
  answer.kind === "roles" ? rolesLines(answer) : populationLines(answer);

function payoffTable(head: string, rows: readonly string[], table: PayoffRows): string[] {
  const { columns, cells, unit } = table;
  if (columns.length > widestTable) return [`${head}: ${rows.length} by ${columns.length} payoffs (see the page)`];
  const lines = [
    ["", ...columns],
    ...rows.map((row, i) => [row, ...(cells[i] ?? []).map((payoff) => cellText(payoff, unit))]),
  ];
  return [
    `${head}:`,
    ...formatTable(lines, ["left", ...columns.map(() => "right" as const)]).map((line) => `  ${line}`),
  ];
}

interface PayoffRows {
  readonly columns: readonly string[];
  readonly cells: readonly (readonly Estimate[])[];
  readonly unit: string;
}

const cellText = ({ value, low, high }: Estimate, unit: string): string =>
  `${formatQuantity(tidy(value), unit)}${low < high ? ` (${formatRange(low, high, unit)})` : ""}`;

function populationLines(answer: PopulationAnswer): string[] {
  const { arm, unit, strategies, players, profiles, payoffs, equilibria, pureRegrets, observations } = answer;
  const columns = profiles.map((counts) => profileText(strategies, counts));
  const against = players === 2 ? "where all others are" : `where the ${players - 1} others are`;
  const seeds = observations === null ? "" : `, 95 % intervals over ${observations} seeds`;
  return [
    ...payoffTable(`${arm}: what rows earn ${against}${seeds}`, strategies, { columns, cells: payoffs, unit }),
    "",
    answer.search === "all" ? "equilibria:" : "equilibria found (there may be others):",
    ...equilibria.flatMap((one, index) => equilibriumLines(one, index, answer)),
    ...continuumLines(equilibria),
    ...(answer.elsewhere.value > 0 ? [`  ${shareText(answer.elsewhere)} of starting points end at none of them`] : []),
    ...selectedLines(answer),
    "regret where everybody plays one strategy:",
    ...strategies.map((strategy, i) => `  ${strategy}: ${withInterval(pureRegrets[i] as Estimate, unit)}`),
    "",
  ];
}

function equilibriumLines(
  one: EquilibriumAnswer,
  index: number,
  { strategies, unit, equilibria }: PopulationAnswer,
): string[] {
  const gains = strategies
    .map((strategy, i) => ({ strategy, gain: one.gains[i] as Estimate, share: one.shares[i] as Estimate }))
    .filter(({ share }) => share.value < 1 - 1e-9)
    .map(({ strategy, gain }) => `${strategy} ${withInterval(gain, unit)}`);
  const persistence = persistenceText(one.persistence);
  return [
    `  ${index + 1}  ${mixText(strategies, one.shares)}; everybody earns ${withInterval(one.payoff, unit)}`,
    `     ${stabilityText(one)}; ${basinText(one, equilibria)}`,
    `     regret ${withInterval(one.regret, unit)}${gains.length > 0 ? `; what changing would gain: ${gains.join(", ")}` : ""}`,
    ...(persistence === undefined ? [] : [`     ${persistence}`]),
  ];
}

const selectedLines = ({ selected, equilibria }: PopulationAnswer): string[] =>
  selected === null || equilibria.length < 2
    ? []
    : [`  choice with noise (logit) comes to number ${selected + 1} as the noise vanishes`];

const continuumLines = (equilibria: readonly { readonly component: number }[]): string[] =>
  continua(equilibria).map((members) => `  ${members} are the ends of a continuum of equilibria`);

function rolesLines(answer: RolesAnswer): string[] {
  const { roles, strategies, payoffs, unit, equilibria } = answer;
  const table = (role: "row" | "column"): string[] =>
    payoffTable(`what ${roles[role]} earns (rows: ${roles.row}, columns: ${roles.column})`, strategies.row, {
      columns: strategies.column,
      cells: payoffs[role],
      unit,
    });
  const { row, column } = roles;
  return [
    ...table("row"),
    ...table("column"),
    "",
    "equilibria:",
    ...equilibria.flatMap((one, index) => {
      const persistence = persistenceText(one.persistence);
      return [
        `  ${index + 1}  ${rolesMixText(answer, one)}`,
        `     ${row} earns ${formatQuantity(tidy(one.payoffs.row), unit)}, ${column} ${formatQuantity(tidy(one.payoffs.column), unit)}${one.isDegenerate ? "; degenerate" : ""}`,
        `     regret: ${row} ${withInterval(one.regret.row, unit)}, ${column} ${withInterval(one.regret.column, unit)}`,
        ...(persistence === undefined ? [] : [`     ${persistence}`]),
      ];
    }),
    ...continuumLines(equilibria),
    "",
  ];
}
