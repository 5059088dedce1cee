/** The world that processes live in: an event loop with random streams. */
import { createStreams, type RandomStream, type Streams } from "@shardlab/random";
import { EventLoop, type EventLoopOptions } from "./event-loop.ts";

export interface EnvironmentOptions extends EventLoopOptions {
  readonly seed: number | bigint;
}

export class Environment extends EventLoop {
  private readonly streams: Streams;
  private readonly open = new Map<string, RandomStream>();

  constructor(options: EnvironmentOptions) {
    super(options);
    this.streams = createStreams(options.seed);
  }

  /** The stream of this name (and entity); the same reader each time, so that draws go on where they stopped. */
  random(name: string, entity = 0): RandomStream {
    const key = `${name} ${entity}`;
    const known = this.open.get(key);
    if (known) return known;
    const stream = this.streams.stream(name, entity);
    this.open.set(key, stream);
    return stream;
  }
}
