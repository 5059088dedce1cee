import { Argument, Command, Option } from "commander";
import type { Terminal } from "../terminal.ts";

const formats = ["table", "json", "csv"] as const;

/** `shardlab sql`: a query over everything that is stored. */
export function sqlCommand(terminal: Terminal): Command {
  return new Command("sql")
    .description("query the results: one view per table, and `runs` with every run's arm and parameters")
    .addArgument(new Argument("<query>", "a query in DuckDB's SQL; `show tables` lists the views"))
    .option("--out <dir>", "folder of results", "results")
    .addOption(new Option("--format <format>", "how to print rows").choices(formats).default("table"))
    .addHelpText(
      "after",
      '\nExamples:\n  $ shardlab sql "show tables"\n  $ shardlab sql "select arm, avg(value) from measures join runs using (run) ' +
        "where name = 'work-at-deadline' group by arm\" --format csv",
    )
    .action(async (query: string, { out, format }: { out: string; format: (typeof formats)[number] }) => {
      const { openResults } = await import("@shardlab/results");
      const { formatAnswer } = await import("../query-format.ts");
      const results = await openResults(out);
      try {
        const answer = await results.query(query);
        for (const line of formatAnswer(answer, format)) terminal.print(line);
        if (format === "table")
          terminal.note(`${answer.rows.length} rows; next: the same with --format csv for a file`);
      } finally {
        results.close();
      }
    });
}
