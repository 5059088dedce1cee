/** Rules that pay, grant ownership and gather resources: one published rule, one file. */
export * from "./closed-lab.ts";
export * from "./gauntlet.ts";
export * from "./grant.ts";
export * from "./proof-of-work.ts";
export * from "./protocol-models.ts";
export * from "./registry.ts";
export * from "./volunteer.ts";
