/** Tells members their places when the grid changes. */
import type { RoleHost } from "@shardlab/contracts";
import type { CoordinatorJournal } from "./journal.ts";
import type { Members } from "./members.ts";
import type { Plan } from "./plan.ts";

/** Gives every member the place that `plan` has for it, and records what changes. */
export function seatMembers({ grid }: Plan, members: Members, host: RoleHost, journal: CoordinatorJournal): void {
  grid.forEach((group, stage) => {
    for (const node of group) {
      const member = members.get(node);
      if (member === undefined || member.stage === stage) continue;
      member.stage = stage;
      host.record({ kind: "membership", node, change: "assigned", stage });
    }
  });
  for (const member of members.all()) {
    if (member.stage < 0 || grid[member.stage].includes(member.node)) continue;
    member.stage = -1;
    host.record({ kind: "membership", node: member.node, change: "idle" });
  }
  journal.setNodes(grid.flat());
}
