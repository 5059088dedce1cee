import { tmpdir } from "node:os";
import { join } from "node:path";
import { ResultsError } from "./results-error.ts";

/** A value as a query returns it: integers as numbers where they fit, as bigint beyond 2^53. */
export type QueryValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly QueryValue[]
  | { readonly [key: string]: QueryValue };

/** Columns of a query's answer: `values[j][i]` is row i of the column `names[j]`. */
export interface QueryColumns {
  readonly names: readonly string[];
  readonly values: readonly (readonly QueryValue[])[];
}

/** An in-memory database. Close it, or the process stays alive for a while. */
export interface Database {
  run(sql: string): Promise<void>;
  /** Sets a variable (`getvariable('name')`) to a list of texts, which may be long. */
  setTexts(name: string, texts: readonly string[]): Promise<void>;
  columns(sql: string): Promise<QueryColumns>;
  close(): void;
}

export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** DuckDB's message on one line, without the excerpt of the query under it. */
function queryError(error: unknown): ResultsError {
  const message = error instanceof Error ? error.message : String(error);
  const [statement = message] = message.split(/\n+LINE \d+:/);
  return new ResultsError(`query failed: ${statement.replaceAll(/\s+/g, " ").trim()}`, { cause: error });
}

function plain(value: QueryValue): QueryValue {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** Where DuckDB puts what does not fit into memory (the working folder by itself), and when it gives up on a query. */
const spilling = { temp_directory: join(tmpdir(), "shardlab-duckdb"), max_temp_directory_size: "20GB" } as const;

/** Opens an empty database in memory. DuckDB is loaded here and not before, because loading it takes 150 ms. */
export async function openDatabase(): Promise<Database> {
  const { DuckDBInstance, LIST, listValue, VARCHAR } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", spilling);
  const connection = await instance.connect();
  const read = async (sql: string) => {
    try {
      return await connection.runAndReadAll(sql);
    } catch (error) {
      throw queryError(error);
    }
  };
  return {
    run: async (sql) => {
      await read(sql);
    },
    setTexts: async (name, texts) => {
      await connection.run(`set variable ${quoteName(name)} = $1`, [listValue([...texts])], [LIST(VARCHAR)]);
    },
    columns: async (sql) => {
      const reader = await read(sql);
      const values = reader.getColumnsJS() as QueryValue[][];
      return { names: reader.columnNames(), values: values.map((column) => column.map(plain)) };
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
