/**
 * Fixed population: a number of known nodes, each now present and now absent, independently of the others.
 *
 * An alternating renewal process per node: in the long run a node is present the share
 * E[session] / (E[session] + E[absence]) of the time (Cox, "Renewal Theory", 1962, ch. 7). Without `absence` a session is
 * the node's last; without `session` the nodes stay for ever.
 */
import { priorities } from "@shardlab/des";
import type { RandomStream } from "@shardlab/random";
import { z } from "zod";
import { type DurationDistribution, drawResidual } from "../durations/duration-distribution.ts";
import { createDuration, durationSpec } from "../durations/registry.ts";
import { createEnding, endingSpec } from "../endings/registry.ts";
import type { Population, PopulationContext } from "./population.ts";
import { Sessions } from "./sessions.ts";

export const fixedPopulationSpec = z
  .strictObject({
    kind: z.literal("fixed-population"),
    count: z.number().int().min(1).max(1_000_000).describe("nodes"),
    session: durationSpec.optional().describe("how long a node is present; for ever unless given"),
    absence: durationSpec.optional().describe("how long it is away; for ever unless given"),
    ending: endingSpec.prefault({ kind: "departure" }),
    start: z
      .enum(["present", "absent", "stationary"])
      .default("present")
      .describe("all present, all absent, or as if it had gone on for ever"),
  })
  .refine(({ session, absence }) => session !== undefined || absence === undefined, {
    path: ["session"],
    error: "missing: expected a distribution of sessions where absences have one",
  })
  .refine(({ absence, start }) => absence !== undefined || start === "present", {
    path: ["start"],
    error: "expected present where no absence is given",
  });
export type FixedPopulationSpec = z.output<typeof fixedPopulationSpec>;

export function fixedPopulation(spec: FixedPopulationSpec, context: PopulationContext): Population {
  return new FixedPopulation(spec, context);
}

class FixedPopulation implements Population {
  private readonly spec: FixedPopulationSpec;
  private readonly context: PopulationContext;
  private readonly session: DurationDistribution | undefined;
  private readonly absence: DurationDistribution | undefined;
  private readonly sessions: Sessions;
  private readonly sessionStreams: RandomStream[] = [];
  private readonly absenceStreams: RandomStream[] = [];
  private readonly endingStreams: RandomStream[] = [];
  private readonly comeBack: (node: number) => void;

  constructor(spec: FixedPopulationSpec, context: PopulationContext) {
    this.spec = spec;
    this.context = context;
    this.session = spec.session && createDuration(spec.session);
    this.absence = spec.absence && createDuration(spec.absence);
    this.sessions = new Sessions(context, {
      ending: createEnding(spec.ending),
      onEnd: (node) => this.beAway(node),
    });
    this.comeBack = (node) => this.beginSession(node);
  }

  start(): void {
    for (let node = 0; node < this.spec.count; node++) {
      this.sessionStreams.push(this.context.random("session", node));
      this.absenceStreams.push(this.context.random("absence", node));
      this.endingStreams.push(this.context.random("ending", node));
      if (this.spec.start === "present") this.beginSession(node);
      else if (this.spec.start === "absent") this.beAway(node);
      else this.startStationary(node);
    }
  }

  private startStationary(node: number): void {
    const { session, absence } = this;
    if (session === undefined || absence === undefined) throw new Error("no stationary state: absences are missing");
    const stream = this.context.random("initial state", node);
    const isPresent = stream.uniform() * (session.meanSeconds + absence.meanSeconds) < session.meanSeconds;
    if (isPresent) this.sessions.begin(node, drawResidual(session, stream), this.endingStreams[node]);
    else this.context.loop.schedule(drawResidual(absence, stream), this.comeBack, node, priorities.urgent);
  }

  private beginSession(node: number): void {
    if (this.session === undefined) this.context.membership.arrive(node);
    else this.sessions.begin(node, this.session.draw(this.sessionStreams[node]), this.endingStreams[node]);
  }

  private beAway(node: number): void {
    if (this.absence === undefined) {
      this.context.membership.forget(node);
      return;
    }
    const lengthSeconds = this.absence.draw(this.absenceStreams[node]);
    this.context.loop.schedule(lengthSeconds, this.comeBack, node, priorities.urgent);
  }
}
