// What the C++ peers share: random numbers, the clock, the command line and the line that they print.
#pragma once
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>

inline std::mt19937_64 engine(1);

// By inversion: 53 bits of the Mersenne twister and the logarithm of the C library.
inline double exponential(double rate) {
  return -std::log(1 - static_cast<double>(engine() >> 11) * 0x1p-53) / rate;
}

// Processor time, so that other work on the machine counts less.
struct Stopwatch {
  std::clock_t start = std::clock();
  double seconds() const { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; }
};

constexpr double arrivalRate = 0.8;
constexpr double serviceRate = 1;

// Virtual time advances in slices, so that a run until a time is measured, not the emptying of a queue.
constexpr int slices = 20;

inline int report(double seconds, double units, double check) {
  std::printf("{\"seconds\": %.9f, \"units\": %.0f, \"check\": %.9g}\n", seconds, units, check);
  return 0;
}

inline int usage() {
  std::fprintf(stderr, "usage: hold PENDING WARM-UP EVENTS | mm1 WARM-UP CUSTOMERS\n");
  return 2;
}
