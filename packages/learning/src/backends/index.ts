export type { Backend, BackendKind, BackendOptions, MatrixProducts, Tfjs } from "./backend.ts";
export { backendKinds } from "./backend.ts";
export { type OpenBackendOptions, openBackend } from "./open-backend.ts";
