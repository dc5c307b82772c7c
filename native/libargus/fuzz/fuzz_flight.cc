// Flight files of dead processes, which anybody may have written. A whole one, made once, is changed where the input
// says: four bytes say where, eight what stands there now.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "core/flight_reader.h"
#include "core/recorder.h"
#include "core/registry.h"

namespace {

using namespace argus::core;

std::string whole_file() {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("argus-fuzz-" + std::to_string(getpid()))).string();
  const auto recorder = std::make_shared<Recorder>(path, FlightIdentity{"host:1:abcd", "host", "cpp/fuzz", 10.0});
  Registry registry;
  registry.record_into(recorder);
  for (int i = 0; i < 20; ++i) {
    const std::string name = "series" + std::to_string(i);
    registry.add(registry.resolve(Kind::counter, name, nullptr, 0, true), 1.5);
    registry.set(registry.resolve(Kind::gauge, name, nullptr, 0, true), 2.5);
    registry.time(registry.resolve(Kind::timing, name, nullptr, 0, true), 0.5 * i);
    recorder->put_line("{\"message\":\"line\"}");
    if (i == 10) registry.drain();
  }
  recorder->commit_window(1, 1e9);
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  recorder->close();
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t change = 12;
  static const std::string whole = whole_file();
  std::string bytes = whole;
  for (; size >= change; data += change, size -= change) {
    uint32_t place = 0;
    std::memcpy(&place, data, sizeof place);
    std::memcpy(&bytes[place % (bytes.size() - 8)], data + sizeof place, 8);
  }
  if (size > 0) bytes.resize(bytes.size() * data[0] / 256);
  try {
    const Flight flight = read_flight(bytes);
    const auto& timings = flight.window.timings;
    for (size_t row = 0; row < timings.series.size(); ++row) {
      if (!(timings.min[row] <= timings.max[row]) || timings.count[row] == 0) std::abort();
    }
  } catch (const FlightProblem&) {  // refused: as it should be
  }
  return 0;
}
