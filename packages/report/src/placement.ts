/** Where labels go, so that they do not lie on one another. */

/**
 * Moves positions apart until neighbours are `gap` from one another, each as little as the others allow, and keeps
 * them between `low` and `high` when they fit there. The order of the positions stays; the result is in input order.
 */
export function spreadApart(positions: readonly number[], gap: number, low: number, high: number): number[] {
  const order = positions.map((_, index) => index).sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0));
  // Blocks of labels that touch are centred on the mean of where their labels want to be.
  const blocks: { wanted: number[]; start: number }[] = [];
  const span = (block: { wanted: number[] }): number => (block.wanted.length - 1) * gap;
  const settle = (wanted: number[]): { wanted: number[]; start: number } => {
    const mean = wanted.reduce((sum, position, index) => sum + position - index * gap, 0) / wanted.length;
    return { wanted, start: Math.max(low, Math.min(mean, high - (wanted.length - 1) * gap)) };
  };
  for (const index of order) {
    let block = settle([positions[index] ?? 0]);
    for (let above = blocks.at(-1); above && above.start + span(above) + gap > block.start; above = blocks.at(-1)) {
      blocks.pop();
      block = settle([...above.wanted, ...block.wanted]);
    }
    blocks.push(block);
  }
  const sorted = blocks.flatMap((block) => block.wanted.map((_, index) => block.start + index * gap));
  const result = new Array<number>(positions.length);
  order.forEach((index, rank) => {
    result[index] = sorted[rank] ?? 0;
  });
  return result;
}

/** A rectangle in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top));

const outside = (box: Box, frame: Box): number => box.width * box.height - overlap(box, frame);

/**
 * Chooses for each point the place of its label among right, left, above, below and the four corners: the one that
 * covers least of the other points, the obstacles, the labels placed before it and the area outside the frame.
 *
 * @param points centres of dots, in pixels, with the width of their labels.
 * @returns the box of each label, in the order of the points.
 */
export function placeLabels(
  points: readonly { readonly x: number; readonly y: number; readonly width: number }[],
  height: number,
  frame: Box,
  obstacles: readonly Box[] = [],
): Box[] {
  const distance = 8;
  const dots = points.map(({ x, y }): Box => ({ left: x - 6, top: y - 6, width: 12, height: 12 }));
  const placed: Box[] = [];
  points.forEach(({ x, y, width }, index) => {
    const rows = { above: y - distance - height, middle: y - height / 2, below: y + distance };
    const columns = { left: x - distance - width, center: x - width / 2, right: x + distance };
    const candidates = [
      [columns.right, rows.middle],
      [columns.left, rows.middle],
      [columns.center, rows.above],
      [columns.center, rows.below],
      [columns.right, rows.above],
      [columns.right, rows.below],
      [columns.left, rows.above],
      [columns.left, rows.below],
    ].map(([left = 0, top = 0]): Box => ({ left, top, width, height }));
    const others = [...dots.filter((_, other) => other !== index), ...placed, ...obstacles];
    const cost = (box: Box): number =>
      others.reduce((sum, other) => sum + overlap(box, other), 4 * outside(box, frame));
    const best = candidates.reduce((least, box) => (cost(box) < cost(least) - 1e-9 ? box : least));
    placed.push(best);
  });
  return placed;
}
