// The simulator core of ns-3. Takes the name of a scheduler first.
#include <ns3/core-module.h>

#include <deque>
#include <string>

#include "workload.hpp"

using ns3::Seconds;
using ns3::Simulator;

static long processed = 0;

static void hold(double payload) {
  processed += 1;
  Simulator::Schedule(Seconds(exponential(1)), &hold, payload);
}

static void runFor(double seconds) {
  Simulator::Stop(Seconds(seconds));
  Simulator::Run();
}

static int runHold(double size, double warmUp, double events) {
  for (long i = 0; i < size; i++) Simulator::Schedule(Seconds(exponential(1)), &hold, static_cast<double>(i));
  runFor(warmUp / size);
  processed = 0;
  const Stopwatch stopwatch;
  for (int slice = 0; slice < slices; slice++) runFor(events / size / slices);
  return report(stopwatch.seconds(), processed, processed / events);
}

static std::deque<double> line;
static bool busy = false;
static long toArrive = 0;
static double totalWait = 0;

static void depart();

static void serve() {
  totalWait += Simulator::Now().GetSeconds() - line.front();
  line.pop_front();
  busy = true;
  Simulator::Schedule(Seconds(exponential(serviceRate)), &depart);
}

static void depart() {
  busy = false;
  if (!line.empty()) serve();
}

static void arrive() {
  line.push_back(Simulator::Now().GetSeconds());
  if (!busy) serve();
  if (--toArrive > 0) Simulator::Schedule(Seconds(exponential(arrivalRate)), &arrive);
}

static void serveCustomers(double customers) {
  toArrive = customers;
  totalWait = 0;
  Simulator::Schedule(Seconds(exponential(arrivalRate)), &arrive);
  Simulator::Run();
}

static int runMm1(double warmUp, double customers) {
  serveCustomers(warmUp);
  const Stopwatch stopwatch;
  serveCustomers(customers);
  return report(stopwatch.seconds(), customers, totalWait / customers);
}

int main(int count, char** arguments) {
  if (count < 4) return usage();
  ns3::ObjectFactory factory;
  factory.SetTypeId(std::string("ns3::") + arguments[1]);
  Simulator::SetScheduler(factory);
  if (count == 6 && std::strcmp(arguments[2], "hold") == 0) {
    return runHold(std::atof(arguments[3]), std::atof(arguments[4]), std::atof(arguments[5]));
  }
  if (count == 5 && std::strcmp(arguments[2], "mm1") == 0) {
    return runMm1(std::atof(arguments[3]), std::atof(arguments[4]));
  }
  return usage();
}
