/** Makes certificates; a file of its own, because the library takes a while to load and few processes need it. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { X509CertificateGenerator } from "@peculiar/x509";
import { fingerprintOf, type NodeCertificate } from "./node-certificate.ts";

type GeneratorOptions = Parameters<typeof X509CertificateGenerator.createSelfSigned>[0];

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const yearMilliseconds = 365.25 * 86_400_000;

/** A new ECDSA P-256 key with its certificate. */
export async function createSelfSigned(name: string): Promise<NodeCertificate> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    // Clocks of machines differ; the fingerprint is what counts.
    notBefore: new Date(Date.now() - yearMilliseconds),
    notAfter: new Date(Date.now() + 10 * yearMilliseconds),
    signingAlgorithm: algorithm,
    keys: keys as GeneratorOptions["keys"],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return {
    certificatePem: certificate.toString("pem"),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/(.{64})(?!$)/g, "$1\n")}\n-----END PRIVATE KEY-----\n`,
    fingerprint: fingerprintOf(new Uint8Array(certificate.rawData)),
  };
}
