// std::priority_queue of plain event structs: handler pointer and payload, no closures.
#include <cstdint>
#include <deque>
#include <queue>
#include <vector>

#include "workload.hpp"

using Handler = void (*)(double payload);

struct Event {
  double time;
  std::uint64_t order;  // priority in the upper bits, then the sequence
  Handler handler;
  double payload;
};

struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return a.time != b.time ? a.time > b.time : a.order > b.order;
  }
};

static std::priority_queue<Event, std::vector<Event>, Later> pending;
static double now = 0;
static std::uint64_t sequence = 0;

static void schedule(double delay, Handler handler, double payload) {
  pending.push({now + delay, (std::uint64_t{1} << 56) | sequence++, handler, payload});
}

static void runUntil(double until) {
  while (!pending.empty() && pending.top().time <= until) {
    const Event event = pending.top();
    pending.pop();
    now = event.time;
    event.handler(event.payload);
  }
  if (until < INFINITY) now = until;
}

static long processed = 0;

static void hold(double payload) {
  processed += 1;
  schedule(exponential(1), hold, payload);
}

static int runHold(double size, double warmUp, double events) {
  for (long i = 0; i < size; i++) schedule(exponential(1), hold, static_cast<double>(i));
  runUntil(warmUp / size);
  processed = 0;
  const Stopwatch stopwatch;
  for (int slice = 0; slice < slices; slice++) runUntil(now + events / size / slices);
  return report(stopwatch.seconds(), processed, processed / events);
}

static std::deque<double> line;
static bool busy = false;
static long toArrive = 0;
static double totalWait = 0;

static void depart(double);

static void serve() {
  totalWait += now - line.front();
  line.pop_front();
  busy = true;
  schedule(exponential(serviceRate), depart, 0);
}

static void depart(double) {
  busy = false;
  if (!line.empty()) serve();
}

static void arrive(double) {
  line.push_back(now);
  if (!busy) serve();
  if (--toArrive > 0) schedule(exponential(arrivalRate), arrive, 0);
}

static void serveCustomers(double customers) {
  toArrive = customers;
  totalWait = 0;
  schedule(exponential(arrivalRate), arrive, 0);
  runUntil(INFINITY);
}

static int runMm1(double warmUp, double customers) {
  serveCustomers(warmUp);
  const Stopwatch stopwatch;
  serveCustomers(customers);
  return report(stopwatch.seconds(), customers, totalWait / customers);
}

int main(int count, char** arguments) {
  if (count == 5 && std::strcmp(arguments[1], "hold") == 0) {
    return runHold(std::atof(arguments[2]), std::atof(arguments[3]), std::atof(arguments[4]));
  }
  if (count == 4 && std::strcmp(arguments[1], "mm1") == 0) {
    return runMm1(std::atof(arguments[2]), std::atof(arguments[3]));
  }
  return usage();
}
