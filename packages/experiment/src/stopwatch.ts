/** How long a run took. It is kept beside the results and never enters a trace. */
import type { PhaseTime } from "@shardlab/results";

/** Node counts the CPU time of one thread from 22.19 on. */
type ThreadClock = { readonly threadCpuUsage?: () => { readonly user: number; readonly system: number } };

const microsPerSecond = 1e6;
const millisPerSecond = 1e3;

/**
 * Starts a stopwatch; the function that it returns tells the time since. Where Node cannot tell the CPU time of a thread
 * it is taken to be the wall time: a run never waits, so that they differ only on a busy machine.
 */
export function startStopwatch(): () => PhaseTime {
  const wallStart = performance.now();
  const clock = process as ThreadClock;
  const cpuMicros = (): number | undefined => {
    const usage = clock.threadCpuUsage?.();
    return usage && usage.user + usage.system;
  };
  const cpuStart = cpuMicros();
  return () => {
    const wallSeconds = (performance.now() - wallStart) / millisPerSecond;
    const cpuEnd = cpuMicros();
    const isKnown = cpuStart !== undefined && cpuEnd !== undefined;
    return { wallSeconds, cpuSeconds: isKnown ? (cpuEnd - cpuStart) / microsPerSecond : wallSeconds };
  };
}
