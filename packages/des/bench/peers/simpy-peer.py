"""SimPy. The hold model by callbacks of timeouts, which is its cheapest way; M/M/1 by processes and a Resource."""
import json
import sys
import time
from random import expovariate, seed

import simpy

ARRIVAL_RATE = 0.8
SERVICE_RATE = 1.0
SLICES = 20


def report(seconds, units, check):
    print(json.dumps({"seconds": seconds, "units": units, "check": check}))


def run_hold(size, warm_up, events):
    env = simpy.Environment()
    processed = 0

    def hold(_):
        nonlocal processed
        processed += 1
        env.timeout(expovariate(1.0)).callbacks.append(hold)

    for _ in range(size):
        env.timeout(expovariate(1.0)).callbacks.append(hold)
    env.run(until=warm_up / size)
    processed = 0
    start = time.process_time()
    for _ in range(SLICES):
        env.run(until=env.now + events / size / SLICES)
    report(time.process_time() - start, processed, processed / events)


def run_mm1(warm_up, customers):
    env = simpy.Environment()
    server = simpy.Resource(env, capacity=1)
    total_wait = 0.0

    def customer():
        nonlocal total_wait
        arrival = env.now
        with server.request() as request:
            yield request
            total_wait += env.now - arrival
            yield env.timeout(expovariate(SERVICE_RATE))

    def source(count):
        for _ in range(count):
            yield env.timeout(expovariate(ARRIVAL_RATE))
            env.process(customer())

    env.process(source(warm_up))
    env.run()
    total_wait = 0.0
    start = time.process_time()
    env.process(source(customers))
    env.run()
    report(time.process_time() - start, customers, total_wait / customers)


seed(1)
arguments = sys.argv[1:]
if len(arguments) == 4 and arguments[0] == "hold":
    run_hold(*(int(float(argument)) for argument in arguments[1:]))
elif len(arguments) == 3 and arguments[0] == "mm1":
    run_mm1(*(int(float(argument)) for argument in arguments[1:]))
else:
    sys.exit("usage: hold PENDING WARM-UP EVENTS | mm1 WARM-UP CUSTOMERS")
