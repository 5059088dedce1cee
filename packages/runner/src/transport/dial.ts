/** Connecting: through a relay where the link is shaped, and in TLS where the other side has a certificate to be known by. */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { fingerprintOf, type NodeCertificate } from "../identity/node-certificate.ts";
import { type Address, connectOptions, describeSocketError, formatAddress } from "./address.ts";

export interface DialOptions {
  readonly address: Address;
  readonly timeoutSeconds: number;
  /** The relay that stands for this node's access link; told where to go in one line. */
  readonly through?: Address;
  /** Ours and what the other's must be; without them the connection is plain. */
  readonly tls?: { readonly certificate: NodeCertificate; readonly fingerprint: string };
}

export const tlsVersion = { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" } as const;

/** @throws Error that names the address and what is wrong. */
export async function dial({ address, timeoutSeconds, through, tls }: DialOptions): Promise<Socket> {
  const raw = await connected(() => connect(connectOptions(through ?? address)), address, timeoutSeconds);
  raw.setNoDelay(true);
  if (through !== undefined) raw.write(`${formatAddress(address)}\n`);
  if (tls === undefined) return raw;
  const { certificate, fingerprint } = tls;
  const open = () =>
    connectTls({
      socket: raw,
      cert: certificate.certificatePem,
      key: certificate.privateKeyPem,
      // Who the other side is, is said by the fingerprint below.
      rejectUnauthorized: false,
      ...tlsVersion,
    });
  const secure = await connected(open, address, timeoutSeconds, "secureConnect");
  const found = fingerprintOf(secure.getPeerCertificate().raw ?? new Uint8Array(0));
  if (found === fingerprint) return secure;
  secure.destroy();
  throw new Error(
    `wrong certificate: ${formatAddress(address)} has ${found.slice(0, 12)}, not ${fingerprint.slice(0, 12)}`,
  );
}

function connected<S extends Socket>(
  open: () => S,
  address: Address,
  timeoutSeconds: number,
  event = "connect",
): Promise<S> {
  return new Promise((resolve, reject) => {
    const socket = open();
    const fail = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(reason));
    };
    const timer = setTimeout(() => fail(`unreachable: ${formatAddress(address)}`), timeoutSeconds * 1000);
    const onError = (error: Error): void => fail(describeSocketError(error, address));
    const onClose = (): void => fail(`closed before it was open: ${formatAddress(address)}`);
    socket.on("error", onError);
    socket.on("close", onClose);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off("error", onError);
      socket.off("close", onClose);
      // Between now and the first handler, an error must not end the process.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}
