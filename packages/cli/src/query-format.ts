import type { QueryAnswer, QueryValue } from "@shardlab/results";
import { formatTable } from "./text-table.ts";

/** JSON has no bigint and no date: both become text there. */
const jsonReady = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);

function cellText(value: QueryValue): string {
  if (value === null) return "";
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value, jsonReady) : String(value);
}

const csvCell = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const table = ({ columns, rows }: QueryAnswer): string[] => {
  const alignments = columns.map((_, column) =>
    rows.some((row) => typeof row[column] === "number") ? ("right" as const) : ("left" as const),
  );
  return formatTable([columns, ...rows.map((row) => row.map(cellText))], alignments);
};

const csv = ({ columns, rows }: QueryAnswer): string[] =>
  [columns, ...rows.map((row) => row.map(cellText))].map((row) => row.map(csvCell).join(","));

const json = ({ columns, rows }: QueryAnswer): string[] => [
  JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))),
    jsonReady,
    2,
  ),
];

const formats = { table, json, csv } as const;

/** Lines of a query's answer. */
export const formatAnswer = (answer: QueryAnswer, format: keyof typeof formats): string[] => formats[format](answer);
