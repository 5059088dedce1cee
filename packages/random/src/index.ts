/** Counter-based random streams (Philox4x32-10) and the distributions drawn from them. */
export { normalQuantile } from "./normal-quantile.ts";
export { philox4x32, uniformFromWords } from "./philox.ts";
export { RandomStream, type StreamId } from "./random-stream.ts";
export { createStreams, type Streams } from "./streams.ts";
export type { UniformSource } from "./uniform-source.ts";
export { createZipf } from "./zipf.ts";
