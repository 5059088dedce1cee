/** A text file of the user's own. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { DataContext, DataSource } from "./data-source.ts";
import { textFields, textSource } from "./text-source.ts";

export const localTextSpec = z
  .strictObject({
    kind: z.literal("local-text"),
    path: z.string().min(1).describe("of a file in UTF-8, from the folder in which the command runs"),
    ...textFields,
  })
  .describe("a text file");
export type LocalTextSpec = z.output<typeof localTextSpec>;

/** @throws Error `unreadable text: ...` */
export function localText({ path, heldOut }: LocalTextSpec, context: DataContext): DataSource {
  return textSource(read(path), heldOut, context);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`unreadable text: ${path} (${error instanceof Error ? error.message : String(error)})`);
  }
}
