/** What a worker on another machine is given, by hand, to join a run: whom to trust, and what proves that it may. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * @property fingerprint of the coordinator's certificate, 64 hexadecimal digits.
 * @property secret 64 hexadecimal digits that every node of the run knows.
 */
export interface JoinToken {
  readonly fingerprint: string;
  readonly secret: string;
}

const prefix = "sl1";
const tokenBytes = 64;

export const createSecret = (): string => randomBytes(32).toString("hex");

/** `sl1.` and 64 bytes in base64url. */
export const formatToken = ({ fingerprint, secret }: JoinToken): string =>
  `${prefix}.${Buffer.from(fingerprint + secret, "hex").toString("base64url")}`;

/** @throws Error `invalid join token: ...`, without the secret. */
export function parseToken(text: string): JoinToken {
  const [version, body, ...rest] = text.trim().split(".");
  const bytes = Buffer.from(body ?? "", "base64url");
  if (version !== prefix || rest.length > 0 || bytes.length !== tokenBytes)
    throw new Error(
      `invalid join token: expected ${prefix}. and ${Math.ceil((tokenBytes * 4) / 3)} characters, as the coordinator prints it`,
    );
  const hex = bytes.toString("hex");
  return { fingerprint: hex.slice(0, tokenBytes), secret: hex.slice(tokenBytes) };
}

/** Proof that a node knows the secret, bound to one connection and to what it claims on it. */
export const proveSecret = (secret: string, context: readonly string[]): string =>
  createHmac("sha256", Buffer.from(secret, "hex")).update(context.join("\n")).digest("hex");

export function isProof(proof: string, secret: string, context: readonly string[]): boolean {
  const expected = Buffer.from(proveSecret(secret, context));
  const given = Buffer.from(proof);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
