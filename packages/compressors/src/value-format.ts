/** How a method that keeps fewer values sends them. */
import type { Compressor } from "@shardlab/contracts";
import { z } from "zod";
import { bfloat16 } from "./bfloat16.ts";
import { identity } from "./identity.ts";

export const valueFormatSpec = z.enum(["float32", "bfloat16"]);
export type ValueFormat = z.output<typeof valueFormatSpec>;

export const valueFormat = (format: ValueFormat): Compressor => (format === "bfloat16" ? bfloat16() : identity());
