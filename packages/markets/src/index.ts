/** One file per published market: compute, inference, ownership, loans. */
export {};
