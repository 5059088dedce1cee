/** The coordinator as a process: numbers nodes, hosts the role, answers probes, and keeps what was decided. */
import type { NodeId, Plain, Role, TimedRecord } from "@shardlab/contracts";
import { TensorShelf } from "../compute/tensor-shelf.ts";
import { LineFile } from "../durable/line-file.ts";
import { RoleJournal } from "../durable/role-journal.ts";
import { ProbeAnswerer, probeSpec } from "../host/link-probe.ts";
import { ProcessHost } from "../host/role-host.ts";
import { loadRoles, type RoleModule } from "../host/role-module.ts";
import { RunClock } from "../host/run-clock.ts";
import { createNodeSigner } from "../identity/node-signer.ts";
import { oneLine } from "../one-line.ts";
import { toText } from "../plain-text.ts";
import { type Address, formatAddress, parseAddress } from "../transport/address.ts";
import { type Frame, FrameError } from "../transport/frame.ts";
import { readBody } from "../transport/handshake.ts";
import { Mesh } from "../transport/mesh.ts";
import { messageOf } from "./message-frame.ts";
import { NodeRegister } from "./node-register.ts";
import type { CoordinatorConfiguration } from "./process-messages.ts";
import { RecordBuffer } from "./record-buffer.ts";
import { remoteRecordsSpec } from "./remote-records.ts";
import type { Channel, Running } from "./supervised.ts";

const coordinatorNode = 0;
const trafficMilliseconds = 2000;
const listenAttempts = 15;
const listenRetryMilliseconds = 100;
const lastWordsMilliseconds = 1000;

/** Starts the coordinator; on return it listens. */
export async function runCoordinator(configuration: CoordinatorConfiguration, channel: Channel): Promise<Running> {
  const roles = await loadRoles(configuration.roleModule);
  const coordinator = new CoordinatorProcess(configuration, channel, roles);
  await coordinator.start();
  return coordinator;
}

class CoordinatorProcess implements Running {
  private readonly configuration: CoordinatorConfiguration;
  private readonly channel: Channel;
  private readonly roles: RoleModule;
  private readonly clock: RunClock;
  private readonly mesh: Mesh;
  private readonly host: ProcessHost;
  private readonly register: NodeRegister;
  private readonly records: RecordBuffer;
  private readonly recordFile: LineFile;
  private readonly probes = new ProbeAnswerer();
  private trafficTimer: NodeJS.Timeout | undefined;
  private isFinished = false;

  constructor(configuration: CoordinatorConfiguration, channel: Channel, roles: RoleModule) {
    this.configuration = configuration;
    this.channel = channel;
    this.roles = roles;
    this.clock = new RunClock(configuration.originSeconds);
    const journal = new RoleJournal(configuration.journal, roles.isJournalSnapshot);
    this.register = new NodeRegister(configuration, [...journal.hostEntries], (entry) => journal.appendHost(entry));
    this.recordFile = new LineFile(configuration.records);
    // On disk before anybody hears of it, so that nothing is lost with this process or the supervisor.
    const keep = (record: TimedRecord): void => this.recordFile.append([toText(record)]);
    this.records = new RecordBuffer({ by: coordinatorNode, clock: () => this.clock.now(), keep }, (records) =>
      channel.say({ kind: "records", records }),
    );
    const signer = createNodeSigner(configuration.signerKeyPem);
    this.mesh = this.createMesh(signer);
    this.host = new ProcessHost({
      node: coordinatorNode,
      clock: this.clock,
      shelf: new TensorShelf(),
      journal,
      post: (to, outgoing) => this.mesh.send(to, outgoing),
      onRecord: (record, seconds) => this.records.add(record, seconds),
      onFinish: (reason) => this.finish(reason),
    });
    this.host.attach(this.createRole(signer, journal.roleEntries));
  }

  async start(): Promise<void> {
    const { configuration, mesh } = this;
    mesh.becomeCoordinator();
    const address = formatAddress(await this.listen(parseAddress(configuration.listen)));
    this.channel.say({ kind: "listening", addresses: [{ inbound: address, outbound: address }] });
    // Nothing yet: from here on bytes are counted on top of those of earlier lives.
    this.recordTraffic();
    this.trafficTimer = setInterval(() => this.recordTraffic(), trafficMilliseconds);
    this.host.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.trafficTimer);
    // Workers of other machines are about to say their last words, and to close.
    for (let wait = 0; wait < lastWordsMilliseconds && this.isFinished && this.mesh.connectionCount > 0; wait += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    this.host.silence();
    this.recordTraffic();
    this.records.flush();
    this.mesh.close();
    // What was said last is still on its way.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  /** The port may still belong to the coordinator that this one follows, which is on its way out. */
  private async listen(address: Address): Promise<Address> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.mesh.listen(address);
      } catch (error) {
        if (attempt === listenAttempts || !oneLine(error).startsWith("port in use")) throw error;
        await new Promise((resolve) => setTimeout(resolve, listenRetryMilliseconds));
      }
    }
  }

  private createRole(signer: ReturnType<typeof createNodeSigner>, journal: readonly Plain[]): Role {
    return this.roles.createCoordinatorRole(this.configuration.settings, this.host, { signer, journal });
  }

  private createMesh(signer: ReturnType<typeof createNodeSigner>): Mesh {
    const { run, links, certificate } = this.configuration;
    return new Mesh(run, {
      signer,
      ...links,
      patienceSeconds: links.limits.silenceSeconds,
      ...(certificate === undefined ? {} : { certificate }),
      handlers: {
        onJoin: (hello, fingerprint, remoteHost) => {
          const admitted = this.register.admit(hello, fingerprint, remoteHost);
          if ("refused" in admitted) return admitted;
          const { entry, slot, removed, assignment } = admitted;
          this.mesh.tellDirectory({ entries: [entry], removed });
          for (const gone of removed) this.host.disconnected(gone);
          this.channel.say({ kind: "joined", node: entry.node, slot, isLocal: hello.slot !== undefined });
          return {
            node: entry.node,
            seconds: this.clock.now(),
            runId: run.runId,
            scenarioHash: run.scenarioHash,
            assignment,
            directory: { entries: this.mesh.entriesNow(), removed: [] },
          };
        },
        onFrame: (from, frame) => this.receive(from, frame),
        onLost: (node) => {
          this.register.lost(node);
          this.host.disconnected(node);
        },
        onFault: (reason, node) =>
          this.channel.say({
            kind: "notice",
            text: `connection refused${node === undefined ? "" : ` to node ${node}`}: ${reason}`,
          }),
      },
    });
  }

  private receive(from: NodeId, frame: Frame): void {
    if (frame.type === "message") this.host.receive(from, messageOf(frame, this.roles));
    else if (frame.type === "probe") {
      const answer = this.probes.answer(from, readBody(probeSpec, frame.body, "probe"));
      if (answer !== undefined) this.mesh.send(from, { frame: answer });
    } else if (frame.type === "records") {
      const records = readBody(remoteRecordsSpec, frame.body, "records");
      if (records.some(({ by, record }) => by !== from || record.node !== from))
        throw new FrameError(`records of another node: sent by ${from}`);
      this.channel.say({ kind: "records", records });
    } else throw new FrameError(`unexpected frame: ${frame.type}`);
  }

  private recordTraffic(): void {
    this.records.add({ kind: "traffic", node: coordinatorNode, ...this.mesh.traffic });
  }

  private finish(reason: string): void {
    this.isFinished = true;
    this.recordTraffic();
    this.records.flush();
    this.channel.say({ kind: "finished", reason });
  }
}
