/**
 * A node's certificate for TLS: self-signed, because nodes are known by the fingerprint that the join token or the
 * coordinator's directory gives, never by who vouches for them.
 */
import "reflect-metadata";
import { createHash, webcrypto } from "node:crypto";

export interface NodeCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** SHA-256 of the certificate in DER, 64 hexadecimal digits. */
  readonly fingerprint: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const year = 365.25 * 86_400_000;

export const fingerprintOf = (der: Uint8Array): string => createHash("sha256").update(der).digest("hex");

/** A new ECDSA P-256 key with its certificate. */
export async function createNodeCertificate(name: string): Promise<NodeCertificate> {
  const x509 = await import("@peculiar/x509");
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    // Clocks of machines differ; the fingerprint is what counts.
    notBefore: new Date(Date.now() - year),
    notAfter: new Date(Date.now() + 10 * year),
    signingAlgorithm: algorithm,
    keys: keys as Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[0]["keys"],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return {
    certificatePem: certificate.toString("pem"),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/(.{64})(?!$)/g, "$1\n")}\n-----END PRIVATE KEY-----\n`,
    fingerprint: fingerprintOf(new Uint8Array(certificate.rawData)),
  };
}
