/** The figure of a search: the difference against the parameter. */
import type { Solution } from "@shardlab/experiment";
import type { FigureSpec } from "@shardlab/report";
import { type Notation, pathLabel } from "./scenario-notation.ts";

export function crossingFigure(solution: Solution, notation: Notation): FigureSpec {
  const { question, unit, value, ci95, seeds, points } = solution;
  const [low, high] = ci95.map((limit) => (limit === null ? undefined : notation.scale(limit)));
  return {
    kind: "crossing",
    data: {
      title: question.relation,
      subtitle: `Left minus right with up to ${seeds} seeds, the same at every value.`,
      xLabel: pathLabel(question.path),
      xUnit: notation.unit,
      xScale: question.scale,
      yLabel: "left minus right",
      yUnit: unit,
      points: points.flatMap(({ x, estimate }) => {
        if (estimate === null) return [];
        const { mean, ci95: interval } = estimate;
        return [{ x: notation.scale(x), mean, ...(interval && { low: interval[0], high: interval[1] }) }];
      }),
      ...(value !== null && {
        root: {
          value: notation.scale(value),
          ...(low !== undefined && { low }),
          ...(high !== undefined && { high }),
        },
      }),
    },
  };
}
