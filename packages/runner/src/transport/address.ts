/** Where a node listens, as text: `unix:/path` or `tcp:host:port`. */
import type { NetConnectOpts } from "node:net";

export type Address =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

export const formatAddress = (address: Address): string =>
  address.kind === "unix"
    ? `unix:${address.path}`
    : `tcp:${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;

/** @throws Error `invalid address: ...` */
export function parseAddress(text: string): Address {
  const unix = /^unix:(.+)$/.exec(text);
  if (unix) return { kind: "unix", path: unix[1] as string };
  const tcp = /^(?:tcp:)?(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(tcp?.[3]);
  if (!tcp || port > 65_535) throw new Error(`invalid address: ${text} (expected HOST:PORT, such as 192.0.2.1:7000)`);
  return { kind: "tcp", host: (tcp[1] ?? tcp[2]) as string, port };
}

export const connectOptions = (address: Address): NetConnectOpts =>
  address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port, noDelay: true };

/** Whether nobody beyond this machine can reach the address. */
export const isLoopback = (address: Address): boolean =>
  address.kind === "unix" || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(address.host);

/** Whether the host stands for every interface. */
export const isAnyHost = (host: string): boolean => host === "0.0.0.0" || host === "::";

/** What went wrong with a socket, in words that name the address. */
export function describeSocketError(error: unknown, address: Address): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = formatAddress(address);
  if (code === "EADDRINUSE") return `port in use: ${where}`;
  if (code === "EACCES" || code === "EPERM") return `not permitted to listen or connect: ${where}`;
  if (code === "EADDRNOTAVAIL") return `no such address on this machine: ${where}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `unknown host: ${where}`;
  if (code === "ECONNREFUSED" || code === "ENOENT") return `nobody listens: ${where}`;
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH" || code === "ETIMEDOUT") return `unreachable: ${where}`;
  return `${message}: ${where}`;
}
