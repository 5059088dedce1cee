/** How long a worker waits for its link. */

/**
 * Share of the time that a worker computes rather than sends: 1 / (1 + rho), with rho the transfer time over the compute
 * time of a step. Nothing is overlapped; the provider's devices share its uplink.
 */
export function linkUtilization(flopPerSecond: number, bytesPerFlop: number, uplinkBytesPerSecond: number): number {
  return 1 / (1 + (flopPerSecond * bytesPerFlop) / uplinkBytesPerSecond);
}
