/**
 * How two nodes agree to talk. The one that was dialled says a challenge, the other answers who it is, with two proofs:
 * that it knows the run's secret, and that it has the key that it names. Both are bound to the challenge and, over TLS, to
 * the session, so that neither can be used anywhere else.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Signer } from "@shardlab/contracts";
import { z } from "zod";
import { isProof, proveSecret } from "../identity/join-token.ts";
import { fingerprintOf } from "../identity/node-certificate.ts";
import { FrameError } from "./frame.ts";

/** Grows whenever nodes of different versions could not work together. */
export const protocolVersion = 1;

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const nodeId = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const challengeSpec = z.strictObject({ protocol: z.number().int(), nonce: hex64 });
export type Challenge = z.output<typeof challengeSpec>;

/**
 * @property node absent for a worker that is new to the run.
 * @property address where the node listens; absent for one that only dials.
 * @property slot which of the population's workers it is; absent for one that takes any that is free.
 * @property scenarioHash absent for one that does not know the scenario yet.
 */
export const helloSpec = z.strictObject({
  protocol: z.number().int(),
  purpose: z.enum(["join", "peer"]),
  scenarioHash: z.string().max(128).optional(),
  runId: z.string().max(128).optional(),
  node: nodeId.optional(),
  slot: z.number().int().min(0).max(1e6).optional(),
  address: z.string().max(512).optional(),
  publicKey: hex64,
  proof: hex64,
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});
export type Hello = z.output<typeof helloSpec>;

export const directoryEntrySpec = z.strictObject({
  node: nodeId,
  address: z.string().max(512),
  publicKey: hex64,
  fingerprint: hex64.optional(),
});
export type DirectoryEntry = z.output<typeof directoryEntrySpec>;

export const directorySpec = z.strictObject({
  entries: z.array(directoryEntrySpec).max(100_000),
  removed: z.array(nodeId).max(100_000),
});
export interface DirectoryChange {
  readonly entries: readonly DirectoryEntry[];
  readonly removed: readonly number[];
}

/** @property assignment what the node is to do, for whoever starts its role. */
export const welcomeSpec = z.strictObject({
  node: nodeId,
  seconds: z.number().optional(),
  runId: z.string().max(128),
  scenarioHash: z.string().max(128),
  assignment: z.unknown().optional(),
  directory: directorySpec.optional(),
});
export type Welcome = Omit<z.output<typeof welcomeSpec>, "directory"> & { readonly directory?: DirectoryChange };

export const refusalSpec = z.strictObject({ reason: z.string().max(1000) });

/** What a run is known by. */
export interface RunIdentity {
  readonly runId: string;
  readonly scenarioHash: string;
  readonly secret: string;
}

/** @throws FrameError with what is wrong. */
export function readBody<T>(spec: z.ZodType<T>, body: unknown, what: string): T {
  const read = spec.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new FrameError(`invalid ${what}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
}

export const createChallenge = (): Challenge => ({
  protocol: protocolVersion,
  nonce: randomBytes(32).toString("hex"),
});

/** Text that only the two ends of this TLS session know; empty on other sockets. */
export const sessionBinding = (socket: Socket): string =>
  socket instanceof TLSSocket
    ? socket.exportKeyingMaterial(32, "EXPORTER-shardlab-node", Buffer.alloc(0)).toString("hex")
    : "";

/** SHA-256 of the other side's certificate; undefined without TLS or without one. */
export function peerFingerprint(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { raw } = socket.getPeerCertificate();
  return raw === undefined ? undefined : fingerprintOf(raw);
}

/** Who says hello, without the proofs. */
export type Introduction = Omit<Hello, "protocol" | "publicKey" | "proof" | "signature">;

const contextOf = (hello: Omit<Hello, "proof" | "signature">, nonce: string, binding: string): string[] => [
  "shardlab hello",
  nonce,
  binding,
  hello.purpose,
  String(hello.node ?? "new"),
  hello.publicKey,
];

export function createHello(
  introduction: Introduction,
  { nonce }: Challenge,
  { signer, secret, socket }: { signer: Signer; secret: string; socket: Socket },
): Hello {
  const hello = { ...introduction, protocol: protocolVersion, publicKey: signer.publicKey };
  const context = contextOf(hello, nonce, sessionBinding(socket));
  return { ...hello, proof: proveSecret(secret, context), signature: signer.sign(context.join("\n")) };
}

/** Why a hello is not to be believed, or undefined. Says nothing that helps to guess. */
export function helloFault(
  hello: Hello,
  { nonce }: Challenge,
  { signer, run, socket }: { signer: Signer; run: RunIdentity; socket: Socket },
): string | undefined {
  if (hello.protocol !== protocolVersion) return `protocol version: ${hello.protocol}, ours is ${protocolVersion}`;
  const context = contextOf(hello, nonce, sessionBinding(socket));
  if (!isProof(hello.proof, run.secret, context)) return "wrong token";
  if (!signer.verify(hello.publicKey, context.join("\n"), hello.signature)) return "wrong signature: not the key's";
  if (hello.runId !== undefined && hello.runId !== run.runId) return `another run: ${hello.runId}`;
  if (hello.scenarioHash !== undefined && hello.scenarioHash !== run.scenarioHash)
    return `another scenario: ${hello.scenarioHash}`;
  return undefined;
}
