/** npm simjs, whose bundle puts its exports on `window` alone. Takes the path of its sim.js first. */
import { pathToFileURL } from "node:url";
import { arrivalRate, customersOf, perform, secondsOf, serviceRate, slices } from "./workload.mjs";

const [path, ...request] = process.argv.slice(2);
globalThis.window = {};
await import(pathToFileURL(path));
const { Entity, Facility, Sim } = globalThis.window.Sim;

const exponential = (rate) => -Math.log(1 - Math.random()) / rate;

function hold(size, warmUp, events) {
  let processed = 0;
  class Holder extends Entity {
    start() {
      const next = () => {
        processed += 1;
        this.setTimer(exponential(1)).done(next);
      };
      for (let i = 0; i < size; i++) this.setTimer(exponential(1)).done(next);
    }
  }
  const sim = new Sim();
  sim.addEntity(Holder);
  sim.simulate(warmUp / size, Number.POSITIVE_INFINITY);
  processed = 0;
  const seconds = secondsOf(() => {
    for (let slice = 1; slice <= slices; slice++) {
      sim.simulate((warmUp + (events * slice) / slices) / size, Number.POSITIVE_INFINITY);
    }
  });
  return { seconds, units: processed, check: processed / events };
}

function openQueue() {
  let totalWait = 0;
  class Source extends Entity {
    start() {
      this.server = new Facility("server");
    }
    begin(customers) {
      this.left = customers;
      this.setTimer(exponential(arrivalRate)).done(this.arrive);
    }
    arrive() {
      const arrival = this.time();
      const service = exponential(serviceRate);
      this.useFacility(this.server, service).done(() => {
        totalWait += this.time() - arrival - service;
      });
      this.left -= 1;
      if (this.left > 0) this.setTimer(exponential(arrivalRate)).done(this.arrive);
    }
  }
  const sim = new Sim();
  const source = sim.addEntity(Source);
  return (customers) => {
    totalWait = 0;
    source.begin(customers);
    sim.simulate(Number.MAX_VALUE, Number.POSITIVE_INFINITY);
    return totalWait / customers;
  };
}

perform({ hold, mm1: customersOf(openQueue) }, request);
