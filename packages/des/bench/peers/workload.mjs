/** What the peers in JavaScript share: the command line and the line that they print. */

export const arrivalRate = 0.8;
export const serviceRate = 1;
export const slices = 20;

/** Reads `hold PENDING WARM-UP EVENTS` or `WORK WARM-UP CUSTOMERS`, and prints what the work of that name returns. */
export function perform(works, [work, ...numbers]) {
  if (!(work in works)) throw new Error(`unknown work: ${work} (one of ${Object.keys(works).join(", ")})`);
  console.log(JSON.stringify(works[work](...numbers.map(Number))));
}

/** Processor seconds that `action` takes, those of the garbage collector included. */
export function secondsOf(action) {
  const start = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** An M/M/1 workload: `open()` makes a world, whose `serve(customers)` sees so many through and tells their mean wait. */
export function customersOf(open) {
  return (warmUp, customers) => {
    const serve = open();
    serve(warmUp);
    let check = 0;
    const seconds = secondsOf(() => {
      check = serve(customers);
    });
    return { seconds, units: customers, check };
  };
}
