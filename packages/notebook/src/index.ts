/** Scenarios, runs, figures and SQL from a notebook cell. */
export { type Difference, differenceFigure, differences, type FigureOptions } from "./difference.ts";
export { type FinishedExperiment, type Row, type RunOptions, runScenario, sql } from "./run.ts";
export { type Changes, NotebookError, type NotebookScenario, openScenario } from "./scenario.ts";
