/** Entry of every process of a run: the first message says which it is. */
import { runCoordinator } from "./coordinator-host.ts";
import { runRelay } from "./relay-host.ts";
import { superviseProcess } from "./supervised.ts";
import { runWorker } from "./worker-host.ts";

superviseProcess((configuration, channel) => {
  switch (configuration.kind) {
    case "configure-coordinator":
      return runCoordinator(configuration, channel);
    case "configure-worker":
      return runWorker(configuration, channel);
    case "configure-relay":
      return runRelay(configuration, channel);
    default:
      throw new Error(`not configured: ${configuration.kind}`);
  }
});
