/** What real processes cannot do. */
import { calibratedDevice } from "@shardlab/simulation/spec";
import type { Finding } from "./fault.ts";
import { noFindings, refuse, type SwarmRule, workersOf } from "./swarm-rule.ts";
import type { SwarmScenario } from "./swarm-spec.ts";

/** What really computes are the devices under `hardware`; only a simulation can have others. */
function devicesAreHere({ engine, population }: SwarmScenario): readonly Finding[] {
  if (engine !== "hardware") return noFindings;
  const expected = `${calibratedDevice} with engine: hardware; hardware.devices says what computes`;
  return population.flatMap(({ device }, index) =>
    device === calibratedDevice
      ? noFindings
      : refuse(["population", index, "device"], `device of a simulation: ${device} (expected ${expected})`),
  );
}

function someWorkersStartHere(scenario: SwarmScenario): readonly Finding[] {
  const { engine, hardware } = scenario;
  const workers = workersOf(scenario);
  if (engine !== "hardware" || hardware.joining <= workers) return noFindings;
  return refuse(["hardware", "joining"], `more workers that join than there are: ${hardware.joining} of ${workers}`);
}

const mostProcesses = 256;

/** One machine does not hold any number of processes. */
function processesAreFew(scenario: SwarmScenario): readonly Finding[] {
  const { engine, hardware } = scenario;
  const started = workersOf(scenario) - hardware.joining;
  if (engine !== "hardware" || started <= mostProcesses) return noFindings;
  return refuse(["population"], `too many processes: ${started} (expected at most ${mostProcesses} that start here)`);
}

export const hardwareRules: readonly SwarmRule[] = [devicesAreHere, someWorkersStartHere, processesAreFew];
