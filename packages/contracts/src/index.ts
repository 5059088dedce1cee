/** Types, ports and unit schemas shared by every package. */
export * from "./check.ts";
export * from "./ledger.ts";
export * from "./mechanism.ts";
export * from "./message-text.ts";
export * from "./nearest.ts";
export * from "./outcome.ts";
export * from "./quantity.ts";
export * from "./source.ts";
export * from "./table.ts";
