// Reads what a killed process left in its flight file: the records and log lines that are in no safe batch.
//
// The bytes are foreign: the process may have died in the middle of a store, the disk may have lost half of them, and
// anybody may have written them. Nothing is read that lies outside, and nothing believed that cannot be.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "flight_file.h"
#include "window.h"

namespace argus::core {

// The bytes are no flight file, or not one that this version reads; says why.
class FlightProblem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Flight {
  FlightIdentity identity;
  std::string boot;
  uint64_t metrics_seq =
      0;                  // of the last batch of summaries that is safe; one with a higher number is to be thrown away
  uint64_t logs_seq = 0;  // the same of log lines
  double until = 0.0;     // Unix seconds: where the last safe window ended
  uint64_t overflows = 0;
  Window window;
  std::vector<std::string> lines;
};

// Throws FlightProblem. A file that its process had no time to begin is an empty flight.
Flight read_flight(std::string_view bytes);

}  // namespace argus::core
