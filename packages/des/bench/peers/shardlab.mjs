/** ShardLab through its public API: `Environment`, its random streams, trace hash on. */
import { Environment, Resource } from "../../dist/index.js";
import { arrivalRate, customersOf, perform, secondsOf, serviceRate, slices } from "./workload.mjs";

function hold(size, warmUp, events) {
  const env = new Environment({ seed: 1 });
  const stream = env.random("hold");
  let processed = 0;
  const handle = (payload) => {
    processed += 1;
    env.schedule(stream.exponential(1), handle, payload);
  };
  for (let i = 0; i < size; i++) env.schedule(stream.exponential(1), handle, i);
  env.run({ until: warmUp / size });
  processed = 0;
  const seconds = secondsOf(() => {
    for (let slice = 0; slice < slices; slice++) env.run({ until: env.now + events / size / slices });
  });
  return { seconds, units: processed, check: processed / events };
}

function openCallbacks() {
  const env = new Environment({ seed: 1 });
  const arrivals = env.random("arrivals");
  const services = env.random("services");
  // A ring that doubles when it is full: at load 0.8 the line stays short.
  let line = new Float64Array(64);
  let head = 0;
  let tail = 0;
  let isBusy = false;
  let toArrive = 0;
  let totalWait = 0;
  const serve = () => {
    totalWait += env.now - line[head];
    head = (head + 1) & (line.length - 1);
    isBusy = true;
    env.schedule(services.exponential(serviceRate), depart);
  };
  const depart = () => {
    isBusy = false;
    if (head !== tail) serve();
  };
  const arrive = () => {
    line[tail] = env.now;
    tail = (tail + 1) & (line.length - 1);
    if (tail === head) {
      const larger = new Float64Array(2 * line.length);
      larger.set(line.subarray(head));
      larger.set(line.subarray(0, head), line.length - head);
      head = 0;
      tail = line.length;
      line = larger;
    }
    if (!isBusy) serve();
    toArrive -= 1;
    if (toArrive > 0) env.schedule(arrivals.exponential(arrivalRate), arrive);
  };
  return (customers) => {
    toArrive = customers;
    totalWait = 0;
    env.schedule(arrivals.exponential(arrivalRate), arrive);
    env.run();
    return totalWait / customers;
  };
}

function openProcesses() {
  const env = new Environment({ seed: 1 });
  const arrivals = env.random("arrivals");
  const services = env.random("services");
  const server = new Resource(env, { capacity: 1 });
  let totalWait = 0;
  function* customer() {
    const arrival = env.now;
    const request = server.request();
    yield request;
    totalWait += env.now - arrival;
    yield env.timeout(services.exponential(serviceRate));
    server.release(request);
  }
  function* source(customers) {
    for (let i = 0; i < customers; i++) {
      yield env.timeout(arrivals.exponential(arrivalRate));
      env.process(customer());
    }
  }
  return (customers) => {
    totalWait = 0;
    env.process(source(customers));
    env.run();
    return totalWait / customers;
  };
}

perform({ hold, callbacks: customersOf(openCallbacks), processes: customersOf(openProcesses) }, process.argv.slice(2));
