/**
 * Workers in network namespaces of Linux, each joined to a bridge by a pair of virtual cables whose ends let through so
 * many bytes a second (`tc` tbf): the worker's end is its uplink, the bridge's its downlink.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { oneLine } from "../one-line.ts";

export interface NamespaceLink {
  readonly uplinkBytesPerSecond: number;
  readonly downlinkBytesPerSecond: number;
}

/** A block for benchmarks (RFC 2544) that no network routes. */
const firstOctets = "198.18";
const mostWorkers = 250;
/** Names of interfaces have 15 characters at most. */
const prefix = "sl";
/**
 * Depth of a bucket: what passes in a millisecond, at least two packets (tbf cuts what segmentation offload left in one
 * piece). A deeper one would let the boundary tensors of small models through at once, whatever the rate.
 */
const burstSeconds = 0.001;
const leastBurstBytes = 3100;
const queueSeconds = 0.2;

const command = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Why namespaces cannot be had here, or undefined. Tries them, because permission is known by trying alone. */
export function namespacesFault(): string | undefined {
  if (process.platform !== "linux") return `network namespaces: not on ${process.platform}`;
  const name = `${prefix}${process.pid}t`;
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ["ip", ["netns", "add", name]],
    ["ip", ["link", "add", `${name}a`, "type", "veth", "peer", "name", `${name}b`]],
    ["tc", ["qdisc", "add", "dev", `${name}a`, "root", "tbf", "rate", "80mbit", "burst", "16kb", "latency", "50ms"]],
    ["ip", ["link", "add", `${name}c`, "type", "bridge"]],
  ];
  try {
    for (const [program, args] of steps) command(program, args);
    return undefined;
  } catch (error) {
    return `network namespaces: ${faultOf(error)}`;
  } finally {
    attempt("ip", ["link", "del", `${name}a`]);
    attempt("ip", ["link", "del", `${name}c`]);
    attempt("ip", ["netns", "del", name]);
  }
}

function faultOf(error: unknown): string {
  const { code, stderr } = error as { code?: string; stderr?: string };
  if (code === "ENOENT") return "no ip or tc on this machine (Debian: iproute2)";
  return oneLine(stderr === undefined || stderr === "" ? error : stderr);
}

function attempt(program: string, args: readonly string[]): void {
  try {
    command(program, args);
  } catch {
    // It was not there.
  }
}

/** The namespaces of one run; names carry the supervisor's process number, so that those of a killed one can be found. */
export class LinkNamespaces {
  private readonly bridge: string;
  private readonly subnet: string;
  private readonly names: string[] = [];

  /** @throws Error `network namespaces: ...` */
  constructor(links: readonly NamespaceLink[]) {
    if (links.length > mostWorkers)
      throw new Error(`network namespaces: ${links.length} workers, at most ${mostWorkers}`);
    removeStaleNamespaces();
    this.bridge = `${prefix}${process.pid}b`;
    this.subnet = freeSubnet();
    try {
      command("ip", ["link", "add", this.bridge, "type", "bridge"]);
      command("ip", ["addr", "add", `${this.subnet}.254/24`, "dev", this.bridge]);
      command("ip", ["link", "set", this.bridge, "up"]);
      links.forEach((link, index) => {
        this.add(link, index);
      });
    } catch (error) {
      this.close();
      throw new Error(`network namespaces: ${faultOf(error)}`);
    }
  }

  /** Where processes outside the namespaces are reached from within. */
  get hubHost(): string {
    return `${this.subnet}.254`;
  }

  hostOf(index: number): string {
    return `${this.subnet}.${index + 1}`;
  }

  /** What to put before a command so that it runs in a worker's namespace. */
  commandPrefix(index: number): readonly string[] {
    return ["ip", "netns", "exec", this.names[index] as string];
  }

  close(): void {
    for (const name of this.names.splice(0)) attempt("ip", ["netns", "del", name]);
    attempt("ip", ["link", "del", this.bridge]);
  }

  private add({ uplinkBytesPerSecond, downlinkBytesPerSecond }: NamespaceLink, index: number): void {
    const name = `${prefix}${process.pid}w${index}`;
    command("ip", ["netns", "add", name]);
    this.names.push(name);
    const outside = `${name}o`;
    command("ip", ["link", "add", outside, "type", "veth", "peer", "name", "up0", "netns", name]);
    command("ip", ["link", "set", outside, "master", this.bridge, "up"]);
    const inside = ["netns", "exec", name];
    command("ip", [...inside, "ip", "addr", "add", `${this.hostOf(index)}/24`, "dev", "up0"]);
    command("ip", [...inside, "ip", "link", "set", "up0", "up"]);
    command("ip", [...inside, "ip", "link", "set", "lo", "up"]);
    command("ip", [...inside, "tc", ...limit("up0", uplinkBytesPerSecond)]);
    command("tc", limit(outside, downlinkBytesPerSecond));
  }
}

function limit(device: string, bytesPerSecond: number): string[] {
  const burst = Math.max(leastBurstBytes, Math.ceil(bytesPerSecond * burstSeconds));
  const rate = ["rate", `${Math.ceil(bytesPerSecond * 8)}bit`, "burst", `${burst}b`];
  return ["qdisc", "add", "dev", device, "root", "tbf", ...rate, "latency", `${queueSeconds * 1000}ms`];
}

/** A /24 that no interface has. */
function freeSubnet(): string {
  const used = command("ip", ["-o", "-4", "addr", "show"]);
  for (let third = 0; third < 256; third++) {
    const subnet = `${firstOctets}.${(third + process.pid) % 256}`;
    if (!used.includes(`${subnet}.`)) return subnet;
  }
  throw new Error(`no free subnet: ${firstOctets}.0.0/16`);
}

/** Removes what supervisors that were killed have left behind. */
export function removeStaleNamespaces(): void {
  const ofDead = (name: string): boolean => {
    const pid = new RegExp(`^${prefix}(\\d+)[a-z]`).exec(name)?.[1];
    return pid !== undefined && Number(pid) !== process.pid && !existsSync(`/proc/${pid}`);
  };
  for (const name of folderOf("/run/netns").filter(ofDead)) attempt("ip", ["netns", "del", name]);
  for (const name of folderOf("/sys/class/net").filter(ofDead)) attempt("ip", ["link", "del", name]);
}

function folderOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
