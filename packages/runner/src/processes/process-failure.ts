/** A failure that a person must do something about: starting the process again changes nothing. */
export class FinalError extends Error {
  override readonly name = "FinalError";
}

const finalBeginnings = [
  "disk full",
  "not permitted",
  "port in use",
  "no such address",
  "damaged journal",
  "invalid address",
  "wrong token",
  "wrong certificate",
  "protocol version",
  "another run",
  "another scenario",
  "missing library",
  "unknown device",
  "bad device",
  "no such device",
];

/** Whether what an error says is about the machine or the settings, not about chance. */
export const isFinalReason = (reason: string): boolean =>
  finalBeginnings.some((beginning) => reason.startsWith(beginning));
