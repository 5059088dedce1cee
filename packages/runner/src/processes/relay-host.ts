/** The relays of all workers of this machine, in a process of their own. */
import { formatRelay, LinkRelay } from "../relay/link-relay.ts";
import { parseAddress } from "../transport/address.ts";
import type { RelayConfiguration } from "./process-messages.ts";
import type { Channel, Running } from "./supervised.ts";

export async function runRelay({ links }: RelayConfiguration, channel: Channel): Promise<Running> {
  const relays: LinkRelay[] = [];
  const addresses: { inbound: string; outbound: string }[] = [];
  for (const { limits, outbound, inbound, target } of links) {
    const relay = new LinkRelay({
      limits,
      outbound: parseAddress(outbound),
      inbound: parseAddress(inbound),
      target: parseAddress(target),
    });
    relays.push(relay);
    addresses.push(formatRelay(await relay.open()));
  }
  channel.say({ kind: "listening", addresses });
  return {
    stop: async () => {
      for (const relay of relays) relay.close();
    },
  };
}
