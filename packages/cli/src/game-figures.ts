/** The figures of a game: its payoffs, and where populations go. */
import type { GameAnswer, PopulationAnswer, RolesAnswer } from "@shardlab/experiment";
import type { ReportFigure, RestKind } from "@shardlab/report";
import { profileText } from "./game-words.ts";

type Cells = RolesAnswer["payoffs"]["row"];

const drawn = (cells: Cells) => cells.map((row) => row.map(({ value, low, high }) => ({ mean: value, low, high })));

/** Payoffs of all arms side by side, or of both roles. */
export function matrixFigures(games: readonly GameAnswer[], title: string): ReportFigure[] {
  const caption = "Payoffs; the best answer in each column (or row, for the role of the columns) is framed.";
  const populations = games.filter((game): game is PopulationAnswer => game.kind === "symmetric");
  const figure = (id: string, data: Extract<ReportFigure["spec"], { kind: "payoff-matrix" }>["data"]): ReportFigure => {
    return { id, caption, spec: { kind: "payoff-matrix", data } };
  };
  const ofRoles = games.flatMap((game) => (game.kind === "roles" ? [figure("payoffs", rolesMatrix(game, title))] : []));
  const [first] = populations;
  if (!first) return ofRoles;
  const seeds = first.observations === null ? "" : `${first.observations} seeds, 95 % intervals. `;
  const data = {
    title: `${title}: what each strategy earns`,
    subtitle: `${seeds}Rows earn against columns.`,
    unit: first.unit,
    rowLabel: "earns",
    columnLabel: first.players === 2 ? "where all others are" : `where the ${first.players - 1} others are`,
    tables: populations.map((game) => ({
      ...(populations.length > 1 && { heading: game.arm }),
      rows: game.strategies,
      columns: game.profiles.map((counts) => profileText(game.strategies, counts)),
      cells: drawn(game.payoffs),
      best: "row" as const,
    })),
  };
  return [...ofRoles, figure("payoffs", data)];
}

function rolesMatrix({ roles, strategies, payoffs, unit }: RolesAnswer, title: string) {
  return {
    title: `${title}: what each role earns`,
    subtitle: `Rows are what ${roles.row} does, columns what ${roles.column} does.`,
    unit,
    rowLabel: roles.row,
    columnLabel: roles.column,
    tables: (["row", "column"] as const).map((role) => ({
      heading: `What ${roles[role]} earns`,
      rows: strategies.row,
      columns: strategies.column,
      cells: drawn(payoffs[role]),
      best: role,
    })),
  };
}

const restKinds = {
  "evolutionarily stable": "stable",
  "neutrally stable": "neutral",
  unstable: "unstable",
} as const satisfies Record<PopulationAnswer["equilibria"][number]["stability"], RestKind>;

/** A phase portrait of each arm. */
export async function portraitFigures(games: readonly GameAnswer[]): Promise<ReportFigure[]> {
  const { populationPaths, rolesPaths, rolesRest } = await import("@shardlab/experiment");
  const caption = "Strategies that earn more than the mean spread; dots are equilibria.";
  return games.map((game, index): ReportFigure => {
    const id = games.length > 1 ? `phase-portrait-${index + 1}` : "phase-portrait";
    const subtitle = "Replicator dynamics of the payoffs; time in units of one over their range.";
    if (game.kind === "roles") {
      const rests = game.equilibria.map((one, at) => {
        return { shares: [...one.row, ...one.column].map(({ value }) => value), kind: rolesRest(game, at) };
      });
      const { row, column } = game.strategies;
      const data = {
        ...{ title: `Where ${game.roles.row} and ${game.roles.column} go`, subtitle, strategies: [...row, ...column] },
        ...{ populations: [row.length, column.length], paths: rolesPaths(game), rests },
      };
      return { id, caption, spec: { kind: "phase-portrait", data } };
    }
    const rests = game.equilibria.map(({ shares, stability }) => {
      return { shares: shares.map(({ value }) => value), kind: restKinds[stability] };
    });
    const lead = game.lead?.map(({ share, value, low, high }) => ({ share, mean: value, low, high }));
    const data = {
      ...{ title: `${game.arm}: where the population goes`, subtitle, strategies: game.strategies },
      ...{ populations: [game.strategies.length], paths: populationPaths(game), rests },
      ...(lead && { lead: { unit: game.unit, points: lead } }),
    };
    return { id, caption, spec: { kind: "phase-portrait", data } };
  });
}
