/**
 * A node's certificate for TLS: self-signed, because nodes are known by the fingerprint that the join token or the
 * coordinator's directory gives, never by who vouches for them.
 */
import { createHash } from "node:crypto";

export interface NodeCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** SHA-256 of the certificate in DER, 64 hexadecimal digits. */
  readonly fingerprint: string;
}

export const fingerprintOf = (der: Uint8Array): string => createHash("sha256").update(der).digest("hex");
