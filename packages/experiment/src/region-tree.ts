/**
 * Where in a region something is true, as a few rules: a classification tree (Breiman, Friedman, Olshen and Stone, 1984) of
 * depth two, grown by Gini impurity, whose leaves are boxes. Its accuracy is told by leaving each point out in turn.
 */

/** A point of the region: each parameter's place between 0 (low) and 1 (high) on its scale, and whether it is true there. */
export interface LabelledPoint {
  readonly place: readonly number[];
  readonly isTrue: boolean;
}

/** A bound of a box: parameter `parameter` is at least (or below) `place`. */
export interface Bound {
  readonly parameter: number;
  readonly side: "from" | "below";
  readonly place: number;
}

/** A box of the region: no bounds where it is the whole of it. */
export interface RegionLeaf {
  readonly bounds: readonly Bound[];
  readonly points: number;
  /** Share of the points in which it is true. */
  readonly share: number;
}

export interface RegionTree {
  readonly leaves: readonly RegionLeaf[];
  /** Share of points whose label the tree of all the others foretells. */
  readonly accuracy: number;
}

const depth = 2;
/** A leaf holds at least this many points, and this share of all. */
const leastPoints = 4;
const leastShare = 0.08;

interface Split {
  readonly parameter: number;
  readonly place: number;
}

/** Grows the tree; one leaf where nothing separates true from false, or where there are too few points. */
export function regionTree(points: readonly LabelledPoint[]): RegionTree {
  const smallest = Math.max(leastPoints, Math.ceil(leastShare * points.length));
  const leaves = grow(points, [], smallest);
  const right = points.filter((point) => {
    const others = grow(
      points.filter((other) => other !== point),
      [],
      smallest,
    );
    const leaf = others.find(({ bounds }) => bounds.every((bound) => isWithin(point, bound)));
    return leaf !== undefined && leaf.share > 0.5 === point.isTrue;
  });
  return { leaves, accuracy: points.length > 0 ? right.length / points.length : Number.NaN };
}

const isWithin = ({ place }: LabelledPoint, { parameter, side, place: at }: Bound): boolean =>
  side === "from" ? place[parameter] >= at : place[parameter] < at;

function grow(points: readonly LabelledPoint[], bounds: readonly Bound[], smallest: number): RegionLeaf[] {
  const split = bounds.length < depth ? bestSplit(points, smallest) : undefined;
  if (split === undefined) return [{ bounds, points: points.length, share: shareOf(points) }];
  return (["below", "from"] as const).flatMap((side) => {
    const bound: Bound = { ...split, side };
    return grow(
      points.filter((point) => isWithin(point, bound)),
      [...bounds, bound],
      smallest,
    );
  });
}

const shareOf = (points: readonly LabelledPoint[]): number =>
  points.length > 0 ? points.filter(({ isTrue }) => isTrue).length / points.length : Number.NaN;

/** n p (1 - p): twice the Gini impurity is a constant factor away. */
const impurity = (count: number, whole: number): number => (whole > 0 ? (count * (whole - count)) / whole : 0);

/** The split that lowers impurity most; undefined where none lowers it by a tenth. */
function bestSplit(points: readonly LabelledPoint[], smallest: number): Split | undefined {
  const total = points.filter(({ isTrue }) => isTrue).length;
  const before = impurity(total, points.length);
  let best: Split | undefined;
  let least = 0.9 * before;
  const parameters = points[0]?.place.length ?? 0;
  for (let parameter = 0; parameter < parameters; parameter++) {
    const sorted = [...points].sort((a, b) => a.place[parameter] - b.place[parameter]);
    let below = 0;
    for (let index = 1; index < sorted.length; index++) {
      if (sorted[index - 1].isTrue) below += 1;
      const isCut = sorted[index].place[parameter] > sorted[index - 1].place[parameter];
      if (!isCut || index < smallest || sorted.length - index < smallest) continue;
      const after = impurity(below, index) + impurity(total - below, sorted.length - index);
      if (after >= least) continue;
      least = after;
      best = { parameter, place: (sorted[index].place[parameter] + sorted[index - 1].place[parameter]) / 2 };
    }
  }
  return best;
}
