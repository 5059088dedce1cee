import { Command } from "commander";
import { InputError } from "../input-error.ts";
import type { Terminal } from "../terminal.ts";

/** Where the schema lies in the repository, for editors that read it from a comment in each scenario. */
const schemaFile = "schema/scenario.schema.json";

/** `shardlab schema`: the JSON Schema of scenario files. */
export function schemaCommand(terminal: Terminal): Command {
  return new Command("schema")
    .description("print the JSON Schema of scenario files, for editors")
    .option("--check", `check that ${schemaFile} is current instead of printing`)
    .addHelpText("after", `\nExamples:\n  $ shardlab schema > ${schemaFile}\n  $ shardlab schema --check`)
    .action(async ({ check }: { check?: boolean }) => {
      const { scenarioJsonSchemaText } = await import("@shardlab/scenario");
      const current = scenarioJsonSchemaText();
      if (!check) {
        terminal.print(current.trimEnd());
        terminal.note(`next: shardlab schema > ${schemaFile}`);
        return;
      }
      const { readInput } = await import("../scenario-files.ts");
      if (readInput(schemaFile).toString() !== current) {
        throw new InputError(`outdated: ${schemaFile} (next: shardlab schema > ${schemaFile})`);
      }
      terminal.print(`${schemaFile}: current`);
    });
}
