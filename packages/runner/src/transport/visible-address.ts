/** Addresses that stand for every interface, made into ones that others can use. */
import { networkInterfaces } from "node:os";
import { formatAddress, isAnyHost } from "./address.ts";

/** The address as other machines see it: one of this machine's in place of one that stands for all of them. */
export function visibleAddress(address: string): string {
  const tcp = /^tcp:(.+):(\d+)$/.exec(address);
  const host = (tcp?.[1] ?? "").replace(/^\[|\]$/g, "");
  if (!tcp || !isAnyHost(host)) return address;
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal);
  return formatAddress({ kind: "tcp", host: own?.address ?? "127.0.0.1", port: Number(tcp[2]) });
}
