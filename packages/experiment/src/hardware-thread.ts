/** Entry point of the thread that computes in a worker's process. */
import "@shardlab/runner/compute/compute-thread";
