/** What contributors of layers and of data are worth to a small model, measured by training. */
export {
  type CoalitionPlan,
  type DataPlan,
  dataCoalitionLoss,
  dataCoalitionLosses,
  type LayerPlan,
  layerCoalitionLosses,
  membersOf,
  stackedLayers,
  trainLayers,
} from "./coalition-losses.ts";
export { type LayerService, PrivateLayer, type PrivateLayerSizes } from "./private-layer.ts";
export { TextModel, type TextTraining } from "./text-model.ts";
export { drawWindows, evenWindows, type TextBytes, type WindowsOptions } from "./text-windows.ts";
