/**
 * Departure: every session ends announced, so that the others know at once and work can be handed over.
 *
 * With `notice` the end is known that long before, as clouds announce the end of preemptible machines; a session shorter
 * than the notice announces its end as it begins.
 */
import { quantity } from "@shardlab/contracts";
import { z } from "zod";
import type { Ending } from "./ending.ts";

export const departureSpec = z.strictObject({
  kind: z.literal("departure"),
  notice: quantity("duration", { min: "0 s" }).prefault("0 s").describe("how long before the end it is announced"),
});
export type DepartureSpec = z.output<typeof departureSpec>;

export function departure({ notice }: DepartureSpec): Ending {
  const end = { isCrash: false, noticeSeconds: notice };
  return { decide: () => end };
}
