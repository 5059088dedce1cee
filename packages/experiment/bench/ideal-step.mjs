// How long a step would take if messages cost nothing: the tasks that were measured, each as soon as its device is free and
// what it needs is there.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const key = (stage, isBackward, microbatch) => `${stage} ${isBackward} ${microbatch}`;

/** End of each task of one update, given in the order in which its node did them. */
function lastEnd(tasks) {
  const lastStage = Math.max(...tasks.map(({ stage }) => stage));
  const freeAt = new Map();
  const doneAt = new Map();
  let waiting = tasks;
  while (waiting.length > 0) {
    const later = [];
    const blocked = new Set();
    for (const task of waiting) {
      const { node, stage, microbatch } = task;
      const isBackward = task.task === "backward";
      const isPass = isBackward || task.task === "forward";
      const needs = isBackward
        ? stage < lastStage && key(stage + 1, true, microbatch)
        : stage > 0 && key(stage - 1, false, microbatch);
      const isReady = !blocked.has(node) && (!isPass || needs === false || doneAt.has(needs));
      if (!isReady) {
        blocked.add(node);
        later.push(task);
        continue;
      }
      const begin = Math.max(freeAt.get(node) ?? 0, isPass && needs !== false ? doneAt.get(needs) : 0);
      freeAt.set(node, begin + task.seconds);
      if (isPass) doneAt.set(key(stage, isBackward, microbatch), begin + task.seconds);
    }
    if (later.length === waiting.length) throw new Error("tasks wait for one another");
    waiting = later;
  }
  return Math.max(...freeAt.values());
}

/** Seconds of each update, for one replica of each stage. */
export function idealStepSeconds(tasks) {
  const byUpdate = Map.groupBy?.(tasks, ({ update }) => update) ?? groupBy(tasks, ({ update }) => update);
  const updates = [...byUpdate.keys()].filter((update) => update >= 0).sort((a, b) => a - b);
  return updates.map((update) => lastEnd(byUpdate.get(update)));
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
