/** Figures and self-contained pages, drawn from results alone. */
export {
  type Answer,
  type Cell,
  type Finding,
  type MeasureSummary,
  measureTable,
  type Provenance,
  type ReportContent,
  type ReportFigure,
  type ReportRow,
  type ReportTable,
} from "./content.ts";
export type { ArmComparisonData, ArmEstimate, MeasurePanel } from "./figures/arm-comparison.ts";
export type { BytesData, WorkerTraffic } from "./figures/bytes.ts";
export type { ClaimRegionData, RegionAxis, RegionState } from "./figures/claim-region.ts";
export type { CrossingData, CrossingPoint } from "./figures/crossing.ts";
export type { DifferenceData, DifferencePanel, DifferenceRow } from "./figures/difference.ts";
export type { FrontierData, FrontierPoint } from "./figures/frontier.ts";
export type { LossArm, LossData, LossPoint } from "./figures/loss.ts";
export type { OwnershipConcentrationData, OwnershipCurve } from "./figures/ownership-concentration.ts";
export type { PayoffCell, PayoffMatrixData, PayoffTable } from "./figures/payoff-matrix.ts";
export type { LeadPoint, PhasePath, PhasePortraitData, RestKind, RestPoint } from "./figures/phase-portrait.ts";
export type {
  PipelineTimelineData,
  RunWindow,
  TaskSpan,
  TimelineTask,
  WorkerRow,
} from "./figures/pipeline-timeline.ts";
export type { PredictedArm, PredictionData, UpdateSeconds } from "./figures/prediction.ts";
export type { PropertyCell, PropertyMatrixData, PropertyRow } from "./figures/property-matrix.ts";
export type { ReproductionData, ReproductionPoint } from "./figures/reproduction.ts";
export type { SobolData, SobolRow } from "./figures/sobol.ts";
export type { TimelineData, TimelinePoint } from "./figures/timeline.ts";
export { type FigureKind, type FigureSpec, figures, renderFigure } from "./figures.ts";
export { reportPage } from "./page.ts";
export { renderPng } from "./png.ts";
export { escapeHtml, formatNumber } from "./text.ts";
export { darkTheme, lightTheme, type Theme, type ThemeName } from "./theme.ts";
export { type WrittenReport, writeReport } from "./write-report.ts";
