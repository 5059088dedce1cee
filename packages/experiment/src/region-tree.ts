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

/** The points by column. */
interface Columns {
  /** One for each parameter. */
  readonly places: readonly Float64Array[];
  /** Numbers of the points, in the order of each parameter's places: sorted once, however often trees are grown. */
  readonly orders: readonly Int32Array[];
  readonly isTrue: Uint8Array;
}

/** Points of a box: 1 for each that is in it, how many they are, and in how many it is true. */
interface Box {
  readonly isIn: Uint8Array;
  readonly count: number;
  readonly total: number;
}

/** Grows the tree; one leaf where nothing separates true from false, or where there are too few points. */
export function regionTree(points: readonly LabelledPoint[]): RegionTree {
  const smallest = Math.max(leastPoints, Math.ceil(leastShare * points.length));
  const columns = columnsOf(points);
  const isIn = new Uint8Array(points.length).fill(1);
  const leaves = grow(columns, boxOf(columns, isIn), [], smallest);
  let right = 0;
  for (const [index, point] of points.entries()) {
    isIn[index] = 0;
    const others = grow(columns, boxOf(columns, isIn), [], smallest);
    isIn[index] = 1;
    const leaf = others.find(({ bounds }) => bounds.every((bound) => isWithin(point, bound)));
    if (leaf !== undefined && leaf.share > 0.5 === point.isTrue) right += 1;
  }
  return { leaves, accuracy: points.length > 0 ? right / points.length : Number.NaN };
}

function columnsOf(points: readonly LabelledPoint[]): Columns {
  const places = Array.from(points[0]?.place ?? [], (_, parameter) =>
    Float64Array.from(points, ({ place }) => place[parameter]),
  );
  return {
    places,
    orders: places.map((column) => Int32Array.from(points.keys()).sort((a, b) => column[a] - column[b])),
    isTrue: Uint8Array.from(points, ({ isTrue }) => (isTrue ? 1 : 0)),
  };
}

function boxOf({ isTrue }: Columns, isIn: Uint8Array): Box {
  let [count, total] = [0, 0];
  for (let point = 0; point < isIn.length; point++) {
    count += isIn[point];
    total += isIn[point] & isTrue[point];
  }
  return { isIn, count, total };
}

const isWithin = ({ place }: LabelledPoint, { parameter, side, place: at }: Bound): boolean =>
  side === "from" ? place[parameter] >= at : place[parameter] < at;

function grow(columns: Columns, box: Box, bounds: readonly Bound[], smallest: number): RegionLeaf[] {
  const { isIn, count, total } = box;
  const split = bounds.length < depth ? bestSplit(columns, box, smallest) : undefined;
  if (split === undefined) return [{ bounds, points: count, share: count > 0 ? total / count : Number.NaN }];
  const column = columns.places[split.parameter];
  const [below, from] = [new Uint8Array(isIn.length), new Uint8Array(isIn.length)];
  for (let point = 0; point < isIn.length; point++) {
    const side = column[point] < split.place ? below : from;
    side[point] = isIn[point];
  }
  return [
    ...grow(columns, boxOf(columns, below), [...bounds, { ...split, side: "below" }], smallest),
    ...grow(columns, boxOf(columns, from), [...bounds, { ...split, side: "from" }], smallest),
  ];
}

/** n p (1 - p): twice the Gini impurity is a constant factor away. */
const impurity = (count: number, whole: number): number => (whole > 0 ? (count * (whole - count)) / whole : 0);

/** The split that lowers impurity most; undefined where none lowers it by a tenth. */
function bestSplit(columns: Columns, { isIn, count, total }: Box, smallest: number): Split | undefined {
  let best: Split | undefined;
  let least = 0.9 * impurity(total, count);
  for (const [parameter, order] of columns.orders.entries()) {
    const column = columns.places[parameter];
    let [seen, below, last] = [0, 0, Number.NaN];
    for (let index = 0; index < order.length; index++) {
      const point = order[index];
      if (isIn[point] === 0) continue;
      const place = column[point];
      if (place > last && seen >= smallest && count - seen >= smallest) {
        const after = impurity(below, seen) + impurity(total - below, count - seen);
        if (after < least) {
          least = after;
          best = { parameter, place: (place + last) / 2 };
        }
      }
      seen += 1;
      below += columns.isTrue[point];
      last = place;
    }
  }
  return best;
}
