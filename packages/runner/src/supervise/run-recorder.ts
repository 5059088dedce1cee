/** Takes down what happened: on disk, for whoever watches, and for the results. */
import { createHash } from "node:crypto";
import type { Assumption, RunOutcome, TimedRecord } from "@shardlab/contracts";
import { Recording, type RecordingOptions } from "@shardlab/protocol";
import { LineFile } from "../durable/line-file.ts";
import { type RecordLine, type RunFolder, recordText } from "./run-folder.ts";

export interface RunRecorderOptions extends Pick<RecordingOptions, "hasLoss" | "hasEvaluation" | "maximumRows"> {
  readonly folder: RunFolder;
  /** Group of each worker of the population. */
  readonly groups: readonly string[];
  readonly onRecord?: ((record: TimedRecord) => void) | undefined;
}

export class RunRecorder {
  private readonly options: RunRecorderOptions;
  private readonly file: LineFile;
  private readonly recording: Recording;
  /** Of the coordinator's file that are known. */
  private coordinatorLines = 0;
  private readonly slotOf = new Map<number, number>();
  private readonly trace = createHash("sha256");
  /** The latest that anything is known of. */
  latestSeconds = 0;

  constructor(options: RunRecorderOptions) {
    this.options = options;
    this.file = new LineFile(options.folder.file("records.jsonl"));
    this.recording = new Recording({ ...options, groupOf: (node) => this.groupOf(node) });
    for (const line of options.folder.earlierLines()) this.take(line);
    this.coordinatorLines = options.folder.coordinatorLines().length;
  }

  /** Of workers, whose records nobody else has written down. */
  addWorkers(records: readonly TimedRecord[]): void {
    this.file.append(records.map(recordText));
    for (const record of records) this.tell(record);
  }

  /** Of the coordinator, which has. */
  addCoordinators(records: readonly TimedRecord[]): void {
    this.coordinatorLines += records.length;
    for (const record of records) this.tell(record);
  }

  /** Takes what a coordinator that died has written down and not told. */
  catchUp(): void {
    this.addCoordinators(this.options.folder.coordinatorLines().slice(this.coordinatorLines));
  }

  joined(node: number, slot: number): void {
    const line: RecordLine = { joined: { node, slot } };
    this.file.append([recordText(line)]);
    this.take(line);
  }

  finish(endSeconds: number, assumptions: readonly Assumption[]): RunOutcome {
    const { measures, tables, notes } = this.recording.finish(endSeconds);
    return {
      measures,
      tables,
      traceHash: this.trace.digest("hex"),
      determinism: "measured",
      assumptions: [...assumptions, ...notes],
    };
  }

  private tell(record: TimedRecord): void {
    this.take(record);
    this.options.onRecord?.(record);
  }

  private take(line: RecordLine): void {
    if ("joined" in line) {
      this.slotOf.set(line.joined.node, line.joined.slot);
      return;
    }
    this.latestSeconds = Math.max(this.latestSeconds, line.seconds);
    this.recording.add(line);
    const { record } = line;
    if (record.kind === "update")
      this.trace.update(`${record.update} ${record.loss} ${record.gradientNorm} ${record.tokens}\n`);
  }

  private groupOf(node: number): string {
    const slot = this.slotOf.get(node);
    return slot === undefined ? "" : (this.options.groups[slot] ?? "");
  }
}
