/** The discrete-event kernel. */
export { Environment, type EnvironmentOptions } from "./environment.ts";
export {
  type EventHandle,
  EventLoop,
  type EventLoopOptions,
  type Handler,
  priorities,
  type QueueKind,
  type RunOptions,
} from "./event-loop.ts";
