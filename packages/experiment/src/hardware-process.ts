/** Entry point of every process of a run on hardware: coordinator, worker or relay. */
import "@shardlab/runner/processes/node-process";
