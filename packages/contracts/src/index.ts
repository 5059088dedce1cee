/** Types, ports and unit schemas shared by every package. */
export * from "./check.ts";
export * from "./compressor.ts";
export * from "./compute.ts";
export * from "./ledger.ts";
export * from "./mechanism.ts";
export * from "./message-text.ts";
export * from "./nearest.ts";
export * from "./node.ts";
export * from "./outcome.ts";
export * from "./quantity.ts";
export * from "./role.ts";
export * from "./row-of-kind.ts";
export * from "./source.ts";
export * from "./table.ts";
export * from "./tensor.ts";
export * from "./training-record.ts";
