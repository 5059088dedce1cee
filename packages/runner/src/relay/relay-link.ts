/** One worker's access link in user space. */
export interface LinkLimits {
  /** Infinity where something else limits it. */
  readonly uplinkBytesPerSecond: number;
  readonly downlinkBytesPerSecond: number;
  readonly latencySeconds: number;
  readonly jitterSeconds: number;
  readonly lossShare: number;
}
