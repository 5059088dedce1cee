/** The training protocol. */
export * from "./spec.ts";
