/** A node's key for what it signs in the protocol: Ed25519 (RFC 8032) of node:crypto. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";
import type { Signer } from "@shardlab/contracts";

/** Keys of others, parsed once; bounded, because anybody may name keys. */
const maximumKnownKeys = 4096;

export interface NodeSigner extends Signer {
  /** PKCS 8 in PEM, to be kept by a node that comes back. */
  readonly privateKeyPem: string;
}

/** A signer with a new key, or with the one that `privateKeyPem` holds. Public keys are 64 hexadecimal digits. */
export function createNodeSigner(privateKeyPem?: string): NodeSigner {
  const privateKey =
    privateKeyPem === undefined ? generateKeyPairSync("ed25519").privateKey : createPrivateKey(privateKeyPem);
  const publicKey = rawPublicKey(createPublicKey(privateKey));
  const known = new Map<string, KeyObject>();
  const keyOf = (text: string): KeyObject => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= maximumKnownKeys) known.clear();
    const key = createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(text, "hex").toString("base64url") },
      format: "jwk",
    });
    known.set(text, key);
    return key;
  };
  return {
    publicKey,
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    sign: (text) => signBytes(null, Buffer.from(text), privateKey).toString("hex"),
    verify: (key, text, signature) => {
      if (!/^[0-9a-f]{64}$/.test(key) || !/^[0-9a-f]{128}$/.test(signature)) return false;
      try {
        return verifyBytes(null, Buffer.from(text), keyOf(key), Buffer.from(signature, "hex"));
      } catch {
        // Not every 32 bytes are a point of the curve.
        return false;
      }
    },
  };
}

function rawPublicKey(key: KeyObject): string {
  const { x } = key.export({ format: "jwk" });
  return Buffer.from(x as string, "base64url").toString("hex");
}
