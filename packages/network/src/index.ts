/** Network physics on virtual time. */
export type { AccessLink, SharedLink } from "./link.ts";
export { checkJitter, drawJitter, type Jitter, meanJitter } from "./link-jitter.ts";
export type { NetworkNode, Route, Topology } from "./topology.ts";
export type { MessageRequest, TransferHandle, TransferRequest, Transport } from "./transfer.ts";
