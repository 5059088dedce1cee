/** No verification: whatever is delivered is taken for what it claims to be. The floor that every check is compared with. */
import type { VerificationProfile } from "@shardlab/contracts";
import { z } from "zod";

export const noVerificationSpec = z.strictObject({ kind: z.literal("no-verification") });
export type NoVerificationSpec = z.output<typeof noVerificationSpec>;

const never = { value: 0, low: 0, high: 0 } as const;

export const noVerification = ({ kind }: NoVerificationSpec): VerificationProfile => ({
  kind,
  auditRate: 0,
  falsePositive: never,
  sharpness: never,
  auditCost: 0,
});
