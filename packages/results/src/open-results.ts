import { join } from "node:path";
import { type Database, openDatabase, type QueryValue } from "./database.ts";
import { createViews, type OpenExperiment } from "./result-views.ts";
import { ResultsError } from "./results-error.ts";
import { foldersIn, readLooseRun, readSnapshot } from "./snapshot.ts";

/** The answer to a query: `rows[i][j]` is row i of the column `columns[j]`. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly QueryValue[])[];
}

/** Results opened for queries. */
export interface OpenResults {
  /** The views that a query can name: `runs`, and one per kind of table. */
  readonly views: readonly string[];
  /** Answers a query. @throws ResultsError with DuckDB's complaint on one line. */
  query(sql: string): Promise<QueryAnswer>;
  close(): void;
}

function openExperiments(out: string): OpenExperiment[] {
  const experiments = foldersIn(out).map((name) =>
    readSnapshot(join(out, name), (snapshot) => ({
      name,
      snapshot,
      loose: snapshot.loose.flatMap((run) => readLooseRun(snapshot.directory, run) ?? []),
    })),
  );
  const filled = experiments.filter(({ snapshot, loose }) => snapshot.segments.length + loose.length > 0);
  if (filled.length === 0) throw new ResultsError(`no results in: ${out}`);
  return filled;
}

const attempts = 5;
const isLostFile = (error: unknown): boolean => error instanceof ResultsError && error.message.includes("IO Error");

/** Does `attempt` again from new views when files moved while DuckDB read them. */
async function again<T>(attempt: () => Promise<T>, refresh: () => Promise<unknown>): Promise<T> {
  for (let left = attempts; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isLostFile(error) || left === 0) throw error;
      await refresh();
    }
  }
}

/**
 * Opens every run below `out` for queries: the view `runs` holds one row per run with its coordinates, both as one
 * column of JSON and as a column each; every other view holds the rows of one kind of table (`measures`, `timeline`)
 * over all runs, with the experiment (the name of its folder) and the id of the run in front.
 *
 * @throws ResultsError when there are no results.
 */
export async function openResults(out: string): Promise<OpenResults> {
  const experiments = openExperiments(out);
  const database = await openDatabase();
  const load = async (found: readonly OpenExperiment[]): Promise<string[]> => createViews(database, found);
  try {
    let latest = experiments;
    const views = await again(
      () => load(latest),
      async () => {
        latest = openExperiments(out);
      },
    );
    return {
      views,
      query: (sql) =>
        again(
          () => answer(database, sql),
          () => load(openExperiments(out)),
        ),
      close: database.close,
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function answer(database: Database, sql: string): Promise<QueryAnswer> {
  if (sql.trim() === "") throw new ResultsError("query failed: it is empty");
  const { names, values } = await database.columns(sql);
  const count = values[0]?.length ?? 0;
  return {
    columns: names,
    rows: Array.from({ length: count }, (_, row) => values.map((column) => column[row] ?? null)),
  };
}
