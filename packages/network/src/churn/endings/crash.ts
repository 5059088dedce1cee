/** Crash: a share of the sessions ends without a word (power, network, killed process); the rest depart, announced. */
import { quantity, share } from "@shardlab/contracts";
import { z } from "zod";
import type { Ending } from "./ending.ts";

export const crashSpec = z.strictObject({
  kind: z.literal("crash"),
  share: share().prefault(1).describe("share of the sessions that end by a crash"),
  notice: quantity("duration", { min: "0 s" }).prefault("0 s").describe("how long before departures are announced"),
});
export type CrashSpec = z.output<typeof crashSpec>;

export function crash({ share, notice }: CrashSpec): Ending {
  const unannounced = { isCrash: true, noticeSeconds: 0 };
  const announced = { isCrash: false, noticeSeconds: notice };
  return { decide: (stream) => (stream.bernoulli(share) ? unannounced : announced) };
}
