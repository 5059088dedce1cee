/** Scenarios, runs, figures and SQL from a notebook cell. */
export {};
