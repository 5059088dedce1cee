/** Tensor libraries as options name them: written out again, because help must not load the package that has them. */
export const installableBackends = ["tensorflow", "webgpu", "tensorflow-gpu"] as const;
export const backendChoices = ["auto", "cpu", "wasm", ...installableBackends] as const;
export type BackendChoice = (typeof backendChoices)[number];
