export type { Backend, BackendKind, BackendOptions, MatrixProducts, Tfjs } from "./backend.ts";
export { backendKinds, optionalBackendKinds } from "./backend.ts";
export { BackendError } from "./backend-error.ts";
export { checkBackend } from "./check-backend.ts";
export { type InstallOptions, type InstallOutcome, installBackend } from "./install/install-backend.ts";
export {
  backendFolders,
  checkoutFolder,
  type InstalledBackend,
  installedFolder,
  isOptional,
  type OptionalBackendKind,
  readManifest,
} from "./installed-backend.ts";
export { type OpenBackendOptions, openBackend } from "./open-backend.ts";
