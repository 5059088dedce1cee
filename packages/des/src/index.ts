/** The discrete-event kernel. */
export { Condition, ConditionValue } from "./condition.ts";
export { Container, type ContainerClaim, type ContainerOptions } from "./container.ts";
export { Environment, type EnvironmentOptions, type ProcessBody, type ProcessOptions } from "./environment.ts";
export { Event } from "./event.ts";
export {
  type EventHandle,
  EventLoop,
  type EventLoopOptions,
  type Handler,
  priorities,
  type QueueKind,
  type RunOptions,
} from "./event-loop.ts";
export { Interrupt } from "./interrupt.ts";
export { Preempted, type PreemptiveRequestOptions, PreemptiveResource } from "./preemptive-resource.ts";
export { PriorityStore, type PriorityStoreOptions } from "./priority-store.ts";
export { Process, type ProcessGenerator } from "./process.ts";
export { type Request, type RequestOptions, Resource, type ResourceOptions } from "./resource.ts";
export type { ResourceMonitor } from "./resource-monitor.ts";
export { Store, type StoreGet, type StoreOptions, type StorePut } from "./store.ts";
export { type Clock, TimeAverage } from "./time-average.ts";
export type { Timeout } from "./timeout.ts";
