/** Frames that carry messages of the protocol. */
import type { Message } from "@shardlab/contracts";
import type { RoleModule } from "../host/role-module.ts";
import { type Frame, FrameError } from "../transport/frame.ts";

/** The frame, if what it carries is a message of the protocol. @throws FrameError naming what is wrong. */
export function messageOf(frame: Frame, roles: RoleModule): Frame {
  const { body, tensor, bytes } = frame;
  if (typeof body !== "object" || body === null || Array.isArray(body) || "tensor" in body)
    throw new FrameError("invalid message: expected an object without a tensor");
  const ref = tensor === undefined ? {} : { tensor: { id: 0, ...tensor, bytes: bytes?.byteLength ?? 0 } };
  const fault = roles.messageFault({ ...(body as Message), ...ref });
  if (fault !== undefined) throw new FrameError(`invalid message: ${fault}`);
  return frame;
}
