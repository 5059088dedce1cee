/** In which order the stages of a pipeline work on the microbatches. */

/** How much there is to do. */
export interface PipelineShape {
  readonly stages: number;
  /** Between one flush and the next; where nothing is flushed, in the whole run. */
  readonly microbatches: number;
}

/**
 * The passes of each stage in its order, as columns: those of stage s from `offsets[s]` up to and excluding `offsets[s + 1]`.
 * With several chunks a stage holds that many separate slices of the model: chunk c of stage s is the
 * (c stages + s)-th slice from the front.
 */
export interface PipelineSchedule extends PipelineShape {
  readonly chunks: number;
  readonly offsets: Int32Array;
  readonly microbatch: Int32Array;
  readonly chunk: Int32Array;
  readonly isBackward: Uint8Array;
}

/** @throws Error `invalid stages: ...`, `invalid microbatches: ...` */
export function checkShape({ stages, microbatches }: PipelineShape): void {
  if (!(Number.isInteger(stages) && stages >= 1)) throw new Error(`invalid stages: ${stages}`);
  if (!(Number.isInteger(microbatches) && microbatches >= 1)) throw new Error(`invalid microbatches: ${microbatches}`);
}

/** One pass of one stage. */
export interface Pass {
  readonly microbatch: number;
  readonly chunk: number;
  readonly isBackward: boolean;
}

/** The schedule in which stage s does `passesOf(s)`. */
export function scheduleOf(
  shape: PipelineShape,
  chunks: number,
  passesOf: (stage: number) => readonly Pass[],
): PipelineSchedule {
  checkShape(shape);
  const passesPerStage = 2 * chunks * shape.microbatches;
  const count = shape.stages * passesPerStage;
  const schedule = {
    ...shape,
    chunks,
    offsets: Int32Array.from({ length: shape.stages + 1 }, (_, stage) => stage * passesPerStage),
    microbatch: new Int32Array(count),
    chunk: new Int32Array(count),
    isBackward: new Uint8Array(count),
  };
  for (let stage = 0; stage < shape.stages; stage++) {
    passesOf(stage).forEach((pass, i) => {
      schedule.microbatch[stage * passesPerStage + i] = pass.microbatch;
      schedule.chunk[stage * passesPerStage + i] = pass.chunk;
      schedule.isBackward[stage * passesPerStage + i] = pass.isBackward ? 1 : 0;
    });
  }
  return schedule;
}

/** Index of the pass of a chunk of a stage on a microbatch, or -1 where the schedule lacks it. */
export class PassIndex {
  private readonly schedule: PipelineSchedule;
  private readonly passes: Int32Array;

  /** @throws Error `pass scheduled twice: ...` */
  constructor(schedule: PipelineSchedule) {
    this.schedule = schedule;
    const { stages, microbatches, chunks, offsets } = schedule;
    this.passes = new Int32Array(2 * stages * microbatches * chunks).fill(-1);
    for (let stage = 0; stage < stages; stage++) {
      for (let pass = offsets[stage]; pass < offsets[stage + 1]; pass++) {
        const slot = this.slot(
          schedule.chunk[pass] * stages + stage,
          schedule.microbatch[pass],
          schedule.isBackward[pass],
        );
        if (this.passes[slot] >= 0) throw new Error(`pass scheduled twice: ${pass}`);
        this.passes[slot] = pass;
      }
    }
  }

  /** @param slice chunk x stages + stage */
  at(slice: number, microbatch: number, isBackward: number): number {
    return this.passes[this.slot(slice, microbatch, isBackward)];
  }

  private slot(slice: number, microbatch: number, isBackward: number): number {
    return 2 * (slice * this.schedule.microbatches + microbatch) + isBackward;
  }
}

/**
 * Microbatches (of any chunk) that each stage has sent forward and not yet back, at most: the activations it has to keep.
 * It follows from the order alone, whatever the times.
 */
export function peakActivations({ stages, offsets, isBackward }: PipelineSchedule): Int32Array {
  const peaks = new Int32Array(stages);
  for (let stage = 0; stage < stages; stage++) {
    let held = 0;
    for (let pass = offsets[stage]; pass < offsets[stage + 1]; pass++) {
      held += isBackward[pass] === 1 ? -1 : 1;
      peaks[stage] = Math.max(peaks[stage], held);
    }
  }
  return peaks;
}

/**
 * Updates of a stage's weights between the forward and the backward pass of each microbatch, when the stage updates after
 * every `microbatchesPerUpdate` backward passes of its own: delays[stage x microbatches + microbatch]. Counted from the
 * order alone. For schedules of one chunk.
 * @throws Error `invalid microbatches per update: ...`, `invalid chunks: ...`
 */
export function weightDelays(schedule: PipelineSchedule, microbatchesPerUpdate: number): Int32Array {
  const { stages, microbatches, chunks, offsets, microbatch, isBackward } = schedule;
  if (!(Number.isInteger(microbatchesPerUpdate) && microbatchesPerUpdate >= 1)) {
    throw new Error(`invalid microbatches per update: ${microbatchesPerUpdate}`);
  }
  if (chunks !== 1) throw new Error(`invalid chunks: ${chunks}`);
  const delays = new Int32Array(stages * microbatches);
  for (let stage = 0; stage < stages; stage++) {
    let backwardPasses = 0;
    for (let pass = offsets[stage]; pass < offsets[stage + 1]; pass++) {
      const version = Math.floor(backwardPasses / microbatchesPerUpdate);
      const place = stage * microbatches + microbatch[pass];
      delays[place] = version - delays[place];
      backwardPasses += isBackward[pass];
    }
  }
  return delays;
}
