/** One file per published way of checking work. */
export * from "./inspection-game.ts";
export * from "./no-verification.ts";
export * from "./random-audit.ts";
export * from "./registry.ts";
