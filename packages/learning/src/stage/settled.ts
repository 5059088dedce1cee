/** Numbers that are there at once on some backends and later on others. */

/** `next(value)`, now where the value is there, else once it is. */
export function settled<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Runs `cleanup` when `work` has ended in whatever way. */
export function finallyDo<T>(work: () => T | Promise<T>, cleanup: () => void): T | Promise<T> {
  let result: T | Promise<T>;
  try {
    result = work();
  } catch (error) {
    cleanup();
    throw error;
  }
  if (result instanceof Promise) return result.finally(cleanup);
  cleanup();
  return result;
}
