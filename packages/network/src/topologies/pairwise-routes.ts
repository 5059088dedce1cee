/** Routes between classes of nodes (groups, regions): one per ordered pair, with a shared link where it has a capacity. */
import type { SharedLink } from "../link.ts";
import type { Route } from "../topology.ts";

/** What lies between two classes, in one direction. */
export interface Pairing {
  readonly latencySeconds: number;
  readonly lossRate: number;
  /** Shared by all traffic of this direction; unlimited when undefined. */
  readonly capacityBytesPerSecond: number | undefined;
}

export interface PairwiseRoutes {
  readonly sharedLinks: readonly SharedLink[];
  /** The route from a node of one class to a node of another, by their indices. */
  readonly between: (from: number, to: number) => Route;
}

/** @param pairing of each ordered pair of classes; asked once for each. */
export function pairwiseRoutes(
  classes: readonly string[],
  pairing: (from: number, to: number) => Pairing,
): PairwiseRoutes {
  const sharedLinks: SharedLink[] = [];
  const routes = classes.map((from, fromIndex) =>
    classes.map((to, toIndex): Route => {
      const { latencySeconds, lossRate, capacityBytesPerSecond } = pairing(fromIndex, toIndex);
      if (capacityBytesPerSecond === undefined) return { sharedLinks: [], latencySeconds, lossRate };
      sharedLinks.push({ name: `${from} to ${to}`, capacityBytesPerSecond });
      return { sharedLinks: [sharedLinks.length - 1], latencySeconds, lossRate };
    }),
  );
  return { sharedLinks, between: (from, to) => routes[from][to] };
}
