/** The processes of a run: started, watched, started again, and ended. */
import { mkdirSync, writeFileSync } from "node:fs";
import { formatToken } from "../identity/join-token.ts";
import type { FromProcess, LinkSettings, ToProcess } from "../processes/process-messages.ts";
import { visibleAddress } from "../transport/visible-address.ts";
import { coordinatorConfiguration, linkSettings, relayConfiguration, workerConfiguration } from "./configurations.ts";
import { builtEntries, type RunnerEntries } from "./hardware-run-options.ts";
import { NodeChild } from "./node-child.ts";
import type { SwarmParts } from "./swarm-parts.ts";

/** How long workers have to go by themselves once the run is over, and anybody when told to. */
const farewellMilliseconds = 3000;
const stopMilliseconds = 3000;
const watchMilliseconds = 250;
/** What a coordinator says when it has done what it was asked for. */
const success = "trained";
const relayRestartMilliseconds = 100;

interface WorkerSeat {
  readonly slot: number;
  child: NodeChild | undefined;
  node: number | undefined;
  restarts: number;
  wasReady: boolean;
  /** It will not be started again. */
  isOver: boolean;
  timer: NodeJS.Timeout | undefined;
}

type RelayAddresses = readonly { readonly inbound: string; readonly outbound: string }[];

export class Swarm {
  private readonly parts: SwarmParts;
  private readonly entries: RunnerEntries;
  private readonly links: LinkSettings;
  private readonly seats: WorkerSeat[];
  private coordinator: NodeChild | undefined;
  private coordinatorRestarts = 0;
  private coordinatorAddress: string;
  private relay: NodeChild | undefined;
  private relayAddresses: RelayAddresses = [];
  private isEnding = false;
  private lastWatch = performance.now();
  private settle: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(parts: SwarmParts) {
    this.parts = parts;
    this.entries = parts.options.entries ?? builtEntries();
    this.links = linkSettings(parts.options.hardware);
    this.coordinatorAddress = parts.plan.coordinatorListen;
    this.seats = parts.slots.flatMap(({ isJoining }, slot) =>
      isJoining
        ? []
        : [{ slot, child: undefined, node: undefined, restarts: 0, wasReady: false, isOver: false, timer: undefined }],
    );
  }

  /** Resolves when the coordinator has finished. */
  run(): Promise<void> {
    const { signal } = this.parts.options;
    const finished = new Promise<void>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    const interrupt = (): void => this.fail("interrupted: the same run goes on when it is started again");
    signal?.addEventListener("abort", interrupt, { once: true });
    if (this.parts.plan.relays.length > 0) this.startRelay();
    else this.startCoordinator();
    const watch = setInterval(() => this.watch(), watchMilliseconds);
    return finished.finally(() => {
      clearInterval(watch);
      signal?.removeEventListener("abort", interrupt);
    });
  }

  /** Ends processes that stand still, unless it was this one that did. */
  private watch(): void {
    const children = [...this.seats.map(({ child }) => child), this.coordinator, this.relay];
    const time = performance.now();
    const stoodStill = time - this.lastWatch > 3 * watchMilliseconds;
    this.lastWatch = time;
    for (const child of children) {
      if (stoodStill) child?.forgive();
      else child?.killIfSilent(this.parts.options.hardware.lossTimeout * 1000);
    }
  }

  /** Lets workers say their last words, then ends everything. */
  async stop(): Promise<void> {
    this.isEnding = true;
    for (const seat of this.seats) clearTimeout(seat.timer);
    const workers = this.seats.flatMap(({ child }) => child ?? []);
    await Promise.all(workers.map((child) => child.stop(stopMilliseconds)));
    await this.coordinator?.stop(stopMilliseconds);
    await this.relay?.stop(stopMilliseconds);
  }

  killAll(): void {
    this.isEnding = true;
    for (const child of [...this.seats.map((seat) => seat.child), this.coordinator, this.relay]) child?.kill();
  }

  private log(name: string): string {
    const path = this.parts.folder.file("logs");
    mkdirSync(path, { recursive: true });
    return `${path}/${name}.log`;
  }

  private notice(text: string): void {
    this.parts.options.onNotice?.(text);
  }

  private fail(reason: string): void {
    this.isEnding = true;
    this.settle?.reject(new Error(reason));
  }

  private spawn(
    name: string,
    configuration: ToProcess,
    { onMessage, onExit, prefix }: Pick<ConstructorParameters<typeof NodeChild>[0], "onMessage" | "onExit" | "prefix">,
  ): NodeChild {
    const child = new NodeChild({
      entry: this.entries.nodeProcess,
      configuration,
      log: this.log(name),
      onMessage: (message) => {
        try {
          onMessage(message);
        } catch (error) {
          this.fail(error instanceof Error ? error.message : String(error));
        }
      },
      onExit,
      ...(prefix === undefined ? {} : { prefix }),
    });
    // For whoever looks at the run from outside.
    writeFileSync(`${this.log(name).replace(/\.log$/, ".pid")}`, `${child.pid ?? ""}\n`);
    return child;
  }

  private startRelay(): void {
    const configuration = relayConfiguration(this.parts.plan.relays, this.relayAddresses);
    const relay = this.spawn("relay", configuration, {
      onMessage: (message) => {
        if (message.kind !== "listening") return;
        this.relayAddresses = message.addresses;
        if (this.coordinator === undefined) this.startCoordinator();
      },
      onExit: (how) => {
        if (this.isEnding) return;
        if (relay.failure?.isFinal === true) {
          this.fail(relay.failure.reason);
          return;
        }
        this.notice(`relay died: ${relay.failure?.reason ?? how}; started again`);
        setTimeout(() => this.isEnding || this.startRelay(), relayRestartMilliseconds);
      },
    });
    this.relay = relay;
  }

  private startCoordinator(): void {
    const configuration = coordinatorConfiguration(this.parts, this.links, this.coordinatorAddress);
    const child = this.spawn("coordinator", configuration, {
      onMessage: (message) => this.hearCoordinator(message),
      onExit: (how) => this.coordinatorGone(child, how),
    });
    this.coordinator = child;
  }

  private hearCoordinator(message: FromProcess): void {
    const { recorder, options, plan, folder } = this.parts;
    switch (message.kind) {
      case "listening":
        this.coordinatorListens(message.addresses[0]?.inbound ?? this.coordinatorAddress);
        break;
      case "records": {
        const own = message.records.filter(({ by }) => by === 0);
        recorder.addCoordinators(own);
        recorder.addWorkers(message.records.filter(({ by }) => by !== 0));
        break;
      }
      case "joined":
        recorder.joined(message.node, message.slot);
        if (!message.isLocal) this.notice(`node ${message.node} joined from another machine`);
        break;
      case "notice":
        this.notice(message.text);
        break;
      case "finished":
        void this.farewell(message.reason);
    }
    if (message.kind === "listening" && plan.isPublic && folder.state.certificate !== undefined) {
      const { fingerprint } = folder.state.certificate;
      const address = visibleAddress(this.coordinatorAddress).replace(/^tcp:/, "");
      options.onJoinable?.({ address, token: formatToken({ fingerprint, secret: folder.state.secret }) });
    }
  }

  private coordinatorListens(address: string): void {
    const isFirst = this.seats.every(({ child }) => child === undefined);
    this.coordinatorAddress = address;
    if (address.startsWith("tcp:") && this.parts.plan.method !== "namespace")
      this.parts.folder.remember({ coordinator: address });
    if (isFirst) for (const seat of this.seats) this.startWorker(seat);
  }

  /** The run is over when the coordinator says so; workers have a moment for what they still have to tell. */
  private async farewell(reason: string): Promise<void> {
    this.isEnding = true;
    const gone = Promise.all(this.seats.flatMap(({ child }) => child?.exited ?? []));
    const timer = new Promise((resolve) => setTimeout(resolve, farewellMilliseconds).unref());
    await Promise.race([gone, timer]);
    await this.stop();
    if (reason === success) this.settle?.resolve();
    else this.settle?.reject(new Error(reason));
  }

  private coordinatorGone(child: NodeChild, how: string): void {
    if (this.isEnding) return;
    this.parts.recorder.catchUp();
    const reason = child.failure?.reason ?? how;
    if (child.failure?.isFinal === true) {
      this.fail(reason);
      return;
    }
    if (this.coordinatorRestarts++ >= this.parts.options.hardware.maximumRestarts) {
      this.fail(`coordinator died too often: ${reason}`);
      return;
    }
    this.notice(`coordinator died: ${reason}; started again from its journal`);
    this.startCoordinator();
  }

  private startWorker(seat: WorkerSeat): void {
    const place = this.parts.plan.placeOf(seat.slot, this.relayAddresses);
    const configuration = workerConfiguration(this.parts, {
      slot: seat.slot,
      place,
      links: this.links,
      coordinator: this.coordinatorAddress,
      computeThread: this.entries.computeThread,
    });
    const child = this.spawn(`worker-${seat.slot}`, configuration, {
      onMessage: (message) => this.hearWorker(seat, message),
      onExit: (how) => this.workerGone(seat, child, how),
      ...(place.namespace === undefined ? {} : { prefix: place.namespace }),
    });
    seat.child = child;
  }

  private hearWorker(seat: WorkerSeat, message: FromProcess): void {
    switch (message.kind) {
      case "ready":
        seat.node = message.node;
        seat.wasReady = true;
        break;
      case "records":
        this.parts.recorder.addWorkers(message.records);
        break;
      case "notice":
        this.notice(message.text);
        break;
      case "finished":
        seat.isOver = true;
        void seat.child?.stop(stopMilliseconds);
    }
  }

  private workerGone(seat: WorkerSeat, child: NodeChild, how: string): void {
    if (this.isEnding) return;
    const { hardware } = this.parts.options;
    const reason = child.failure?.reason ?? how;
    const name = `worker ${seat.slot}${seat.node === undefined ? "" : ` (node ${seat.node})`}`;
    if (seat.isOver) {
      this.checkAnyoneLeft(`${name} left`);
      return;
    }
    if (child.failure?.isFinal === true && (!seat.wasReady || reason.startsWith("disk full"))) {
      this.fail(`${name} ${seat.wasReady ? "cannot go on" : "cannot start"}: ${reason}`);
      return;
    }
    const mayRestart = hardware.restart && seat.restarts < hardware.maximumRestarts && child.failure?.isFinal !== true;
    this.notice(`${name} died: ${reason}${mayRestart ? "; started again" : ""}`);
    if (!mayRestart) {
      seat.isOver = true;
      this.checkAnyoneLeft(`${name} died: ${reason}`);
      return;
    }
    seat.restarts++;
    seat.node = undefined;
    seat.timer = setTimeout(() => this.startWorker(seat), hardware.restartDelay * 1000);
  }

  private checkAnyoneLeft(last: string): void {
    const someoneJoins = this.parts.slots.some(({ isJoining }) => isJoining);
    if (!someoneJoins && this.seats.every(({ isOver }) => isOver)) this.fail(`no workers left: ${last}`);
  }
}
