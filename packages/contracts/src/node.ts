/** Nodes are numbered by the host: the coordinator is 0, workers follow; a number is never used twice within a run. */
export type NodeId = number;
export const coordinatorNode: NodeId = 0;
