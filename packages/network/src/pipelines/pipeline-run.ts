/** A pipeline schedule carried out on virtual time. */
import { EventLoop } from "@shardlab/des";
import { type PipelineLinks, type SerialLinkSeconds, serialLinks } from "./pipeline-links.ts";
import { PassIndex, type PipelineSchedule } from "./pipeline-schedule.ts";

export interface PipelineRunOptions {
  readonly loop: EventLoop;
  readonly schedule: PipelineSchedule;
  /** Time of each pass, in the order of the schedule's columns. */
  readonly passSeconds: ArrayLike<number>;
  readonly links: PipelineLinks;
  readonly onDone?: () => void;
}

/**
 * Each stage does its passes one after another in the schedule's order, each as soon as what it needs has arrived: the
 * activations from the slice before for a forward pass, the gradients from the slice after for a backward pass. Sending does
 * not occupy a stage. A pass that nobody sends to (a chunk next to another one of the same stage) starts when that is done.
 */
export class PipelineRun {
  /** When each pass began and ended; NaN before. */
  readonly startSeconds: Float64Array;
  readonly endSeconds: Float64Array;
  private readonly options: PipelineRunOptions;
  private readonly index: PassIndex;
  private readonly cursor: Int32Array;
  private readonly stageOf: Int32Array;
  private readonly isReady: Uint8Array;
  private readonly isBusy: Uint8Array;
  private passesLeft: number;
  private readonly finish = (pass: number): void => this.finishPass(pass);
  private readonly arrive = (pass: number): void => this.makeReady(pass);

  /** @throws Error `invalid pass times: ...`, `pass scheduled twice: ...` */
  constructor(options: PipelineRunOptions) {
    const { schedule, passSeconds } = options;
    const count = schedule.microbatch.length;
    if (passSeconds.length !== count) throw new Error(`invalid pass times: ${passSeconds.length} of ${count}`);
    this.options = options;
    this.index = new PassIndex(schedule);
    this.startSeconds = new Float64Array(count).fill(Number.NaN);
    this.endSeconds = new Float64Array(count).fill(Number.NaN);
    this.cursor = schedule.offsets.slice(0, -1);
    this.stageOf = new Int32Array(count);
    for (let stage = 0; stage < schedule.stages; stage++) {
      this.stageOf.fill(stage, schedule.offsets[stage], schedule.offsets[stage + 1]);
    }
    this.isReady = new Uint8Array(count);
    this.isBusy = new Uint8Array(schedule.stages);
    this.passesLeft = count;
  }

  get isDone(): boolean {
    return this.passesLeft === 0;
  }

  /** All stages may begin now. To be called once. */
  start(): void {
    const { microbatches, stages } = this.options.schedule;
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      this.isReady[this.index.at(0, microbatch, 0)] = 1;
    }
    for (let stage = 0; stage < stages; stage++) this.advance(stage);
  }

  private advance(stage: number): void {
    const { loop, schedule, passSeconds } = this.options;
    const pass = this.cursor[stage];
    if (this.isBusy[stage] === 1 || pass === schedule.offsets[stage + 1] || this.isReady[pass] === 0) return;
    this.isBusy[stage] = 1;
    this.startSeconds[pass] = loop.now;
    loop.schedule(passSeconds[pass], this.finish, pass);
  }

  private finishPass(pass: number): void {
    const stage = this.stageOf[pass];
    this.endSeconds[pass] = this.options.loop.now;
    this.isBusy[stage] = 0;
    this.cursor[stage] += 1;
    this.passesLeft -= 1;
    this.pass(pass);
    this.advance(stage);
    if (this.passesLeft === 0) this.options.onDone?.();
  }

  /** Hands the result of a pass to the pass that needs it. */
  private pass(pass: number): void {
    const { schedule, links } = this.options;
    const { stages, chunks } = schedule;
    const slice = schedule.chunk[pass] * stages + this.stageOf[pass];
    const microbatch = schedule.microbatch[pass];
    const isBackward = schedule.isBackward[pass] === 1;
    const isLastForward = !isBackward && slice === stages * chunks - 1;
    if (isBackward && slice === 0) return;
    const next = isLastForward
      ? this.index.at(slice, microbatch, 1)
      : this.index.at(slice + (isBackward ? -1 : 1), microbatch, isBackward ? 1 : 0);
    const [fromStage, toStage] = [this.stageOf[pass], this.stageOf[next]];
    if (fromStage === toStage) this.makeReady(next);
    else links.send({ fromStage, toStage, isBackward, onArrival: this.arrive, payload: next });
  }

  private makeReady(pass: number): void {
    this.isReady[pass] = 1;
    this.advance(this.stageOf[pass]);
  }
}

export interface PipelineResult {
  readonly startSeconds: Float64Array;
  readonly endSeconds: Float64Array;
  /** From the first pass to the end of the last. */
  readonly seconds: number;
  /** By stage. */
  readonly busySeconds: Float64Array;
  /** Share of the stages' time that they stand idle. */
  readonly bubbleFraction: number;
}

/**
 * Runs a schedule alone, over links that carry one transfer after another.
 * @throws Error `deadlocked pipeline: ...` when a stage waits for something that its own order puts later
 */
export function simulatePipeline(
  schedule: PipelineSchedule,
  passSeconds: ArrayLike<number>,
  linkSeconds: Partial<SerialLinkSeconds> = {},
): PipelineResult {
  const loop = new EventLoop();
  const links = serialLinks(loop, {
    forwardTransferSeconds: 0,
    backwardTransferSeconds: 0,
    latencySeconds: 0,
    ...linkSeconds,
  });
  const run = new PipelineRun({ loop, schedule, passSeconds, links });
  run.start();
  loop.run();
  if (!run.isDone) throw new Error(`deadlocked pipeline: ${run.endSeconds.filter(Number.isNaN).length} passes wait`);
  const busySeconds = new Float64Array(schedule.stages);
  for (let stage = 0; stage < schedule.stages; stage++) {
    for (let pass = schedule.offsets[stage]; pass < schedule.offsets[stage + 1]; pass++) {
      busySeconds[stage] += passSeconds[pass];
    }
  }
  const seconds = run.endSeconds.reduce((latest, end) => Math.max(latest, end), 0);
  const busy = busySeconds.reduce((sum, stage) => sum + stage, 0);
  return {
    startSeconds: run.startSeconds,
    endSeconds: run.endSeconds,
    seconds,
    busySeconds,
    bubbleFraction: seconds > 0 ? 1 - busy / (seconds * schedule.stages) : 0,
  };
}

/** The time of each pass where it depends on the stage alone; a stage with several chunks spends equal parts on them. */
export function passSecondsOf(
  schedule: PipelineSchedule,
  forwardSeconds: ArrayLike<number>,
  backwardSeconds: ArrayLike<number>,
): Float64Array {
  const seconds = new Float64Array(schedule.microbatch.length);
  for (let stage = 0; stage < schedule.stages; stage++) {
    for (let pass = schedule.offsets[stage]; pass < schedule.offsets[stage + 1]; pass++) {
      const whole = schedule.isBackward[pass] === 1 ? backwardSeconds[stage] : forwardSeconds[stage];
      seconds[pass] = whole / schedule.chunks;
    }
  }
  return seconds;
}
