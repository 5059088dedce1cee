/** What the page of a game shows. */
import type { Assumption } from "@shardlab/contracts";
import type { GameAnswer, PopulationAnswer, RolesAnswer } from "@shardlab/experiment";
import type { Finding, ReportContent, ReportFigure, ReportRow, ReportTable } from "@shardlab/report";
import { capitalized } from "./answer.ts";
import type { GameDocument } from "./game-document.ts";
import { matrixFigures, portraitFigures } from "./game-figures.ts";
import {
  basinText,
  continua,
  mixText,
  persistenceText,
  rolesMixText,
  shareText,
  stabilityText,
  tidy,
  verdictOf,
  withInterval,
} from "./game-words.ts";

/** @param directory where the runs are stored, for what the economy assumes. */
export async function gameContent(document: GameDocument, directory: string): Promise<ReportContent> {
  const { question, expect, reference, games, experiment } = document;
  const { provenance } = await import("@shardlab/experiment");
  const title = capitalized(experiment.replaceAll("-", " "));
  return {
    title,
    question,
    expectation: expect,
    ...(reference !== undefined && { reference }),
    answer: { sentence: games.map(verdictOf).join(" "), basis: basisOf(document) },
    findings: games.flatMap(findingsOf),
    figures: await figuresOf(games, title),
    tables: games.map(tableOf),
    assumptions: [...assumptionsOf(games), ...(await economyAssumptions(directory, document))],
    provenance: {
      ...{ experiment, scenarioHash: document.scenarioHash, modelHash: document.modelHash },
      ...provenance(),
      ...{ runs: document.runs.total, seeds: document.seeds, determinism: "exact" },
      wallSeconds: document.runs.wallSeconds,
    },
  };
}

function basisOf({ games, runs }: GameDocument): string {
  const seeds = games.flatMap((game) =>
    game.kind === "symmetric" && game.observations !== null ? [game.observations] : [],
  );
  if (seeds.length === 0)
    return "Payoffs are those of the file; intervals come from the standard errors that it states.";
  return (
    `${runs.total} runs; ${Math.min(...seeds)} seeds of each profile, the same in all. Intervals are 95 % Student-t intervals of payoffs, ` +
    "carried through to shares and regrets. They do not cover that a few stand for one who deviates."
  );
}

async function figuresOf(games: readonly GameAnswer[], title: string): Promise<ReportFigure[]> {
  return [...matrixFigures(games, title), ...(await portraitFigures(games))];
}

const findingsOf = (answer: GameAnswer): Finding[] =>
  answer.kind === "roles" ? rolesFindings(answer) : populationFindings(answer);

function populationFindings(answer: PopulationAnswer): Finding[] {
  const { arm, strategies, unit, equilibria, pureRegrets, elsewhere, search } = answer;
  const items = equilibria.map((one) => {
    const persistence = persistenceText(one.persistence);
    const parts = [
      `${mixText(strategies, one.shares)}: everybody earns ${withInterval(one.payoff, unit)}`,
      stabilityText(one),
      basinText(one, equilibria),
      `regret ${withInterval(one.regret, unit)}`,
      ...(persistence === undefined ? [] : [persistence]),
    ];
    return `${parts.join("; ")}.`;
  });
  const rests =
    elsewhere.value > 0 ? ` From ${shareText(elsewhere)} of starting points the population comes to none of them.` : "";
  const selected =
    answer.selected !== null && equilibria.length > 1
      ? ` Choice with noise (logit) comes to number ${answer.selected + 1} as the noise vanishes.`
      : "";
  const others = search === "some" ? " There may be others that the search has missed." : "";
  const regrets = strategies.map((strategy, i) => `${strategy}: ${withInterval(pureRegrets[i] ?? exact(0), unit)}`);
  return [
    {
      heading: `${capitalized(arm)}: equilibria`,
      text: `${equilibria.length} equilibri${equilibria.length === 1 ? "um" : "a"}.${rests}${selected}${others}${continuumText(equilibria)}`,
      items,
    },
    {
      heading: `${capitalized(arm)}: what everybody doing the same leaves on the table`,
      text: "Regret of a strategy that all play: by how much one could do better alone. It is 0 where that is an equilibrium.",
      items: regrets,
    },
  ];
}

const exact = (value: number) => ({ value, low: value, high: value });

function continuumText(equilibria: readonly { readonly component: number }[]): string {
  const sets = continua(equilibria);
  return sets.length === 0 ? "" : ` Numbers ${sets.join("; ")} are the ends of a continuum of equilibria.`;
}

function rolesFindings(answer: RolesAnswer): Finding[] {
  const { equilibria, roles, unit } = answer;
  return [
    {
      heading: "Equilibria",
      text: `${equilibria.length} equilibri${equilibria.length === 1 ? "um" : "a"}.${continuumText(equilibria)}`,
      items: equilibria.map(
        (one) =>
          `${rolesMixText(answer, one)}. Regret: ${roles.row} ${withInterval(one.regret.row, unit)}, ${roles.column} ${withInterval(one.regret.column, unit)}.`,
      ),
    },
  ];
}

/** What leaving each equilibrium for each strategy gains. */
function tableOf(answer: GameAnswer): ReportTable {
  const numeric = (label: string) => ({ label, numeric: true });
  if (answer.kind === "roles") {
    const rows = answer.equilibria.flatMap((one, index) =>
      (["row", "column"] as const).flatMap((role) =>
        answer.strategies[role].map((strategy, i): ReportRow => {
          const { value, low, high } = one[role][i] ?? exact(Number.NaN);
          return {
            group: `equilibrium ${index + 1}, ${answer.roles[role]}`,
            cells: [strategy, tidy(value), tidy(low), tidy(high)],
          };
        }),
      ),
    );
    const columns = [{ label: "strategy", numeric: false }, ...["share", "95\u00a0% from", "to"].map(numeric)];
    return { title: "Shares", columns, rows };
  }
  const rows = answer.equilibria.flatMap((one, index) =>
    answer.strategies.map((strategy, i): ReportRow => {
      const [share, gain] = [one.shares[i] ?? exact(Number.NaN), one.gains[i] ?? exact(Number.NaN)];
      const numbers = [share, gain].flatMap(({ value, low, high }) => [value, low, high]).map(tidy);
      return { group: `equilibrium ${index + 1}`, cells: [strategy, ...numbers] };
    }),
  );
  const labels = [
    "share",
    "95\u00a0% from",
    "to",
    `gain of changing${answer.unit ? ` (${answer.unit})` : ""}`,
    "95\u00a0% from",
    "to",
  ];
  return {
    title: `${capitalized(answer.arm)}: shares, and what changing to each strategy would gain`,
    columns: [{ label: "strategy", numeric: false }, ...labels.map(numeric)],
    rows,
  };
}

function assumptionsOf(games: readonly GameAnswer[]): Assumption[] {
  const measured = games.find(
    (game): game is PopulationAnswer => game.kind === "symmetric" && game.observations !== null,
  );
  const common: Assumption[] = [
    {
      statement: "Equilibria take payoffs to be known to everybody and choices to be made alone",
      checkedAgainst: "closed forms of inspection, hawk-dove, coordination and volunteer games",
    },
    {
      statement:
        "Populations change by the replicator dynamics: strategies spread in proportion to what they earn beyond the mean",
      checkedAgainst: "the logistic closed form of two strategies, and constants of motion",
    },
  ];
  if (!measured) return common;
  return [
    ...common,
    {
      statement:
        measured.deviators?.ownInfluence === "removed"
          ? "A small share of the group stands for one who deviates; its influence on itself is taken out as if payoffs were linear in it"
          : "A small share of the group stands for one who deviates, and moves the economy as little",
    },
    {
      statement:
        "Everybody reconsiders every day, unless the game says otherwise, so that few decide on as many days as many",
    },
    {
      statement:
        measured.players === 2
          ? "Payoffs are linear in the shares of the strategies between the profiles that were run"
          : `Payoffs are polynomials of degree ${measured.players - 1} in the shares, through the profiles that were run`,
    },
  ];
}

/** What the economy of the first run says that it assumes. */
async function economyAssumptions(directory: string, { runs }: GameDocument): Promise<readonly Assumption[]> {
  if (runs.total === 0) return [];
  const { listExperimentRuns } = await import("@shardlab/results");
  return listExperimentRuns(directory)[0]?.manifest.assumptions ?? [];
}
