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
#include <string_view>
#include <vector>

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

std::vector<size_t> words_in(const std::string& bytes) {
  std::vector<size_t> words;
  for (size_t place = 0; place + 2 * sizeof(uint64_t) < bytes.size(); place += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, &bytes[place], sizeof word);
    if (word == 0) continue;
    words.push_back(place);
    words.push_back(place + sizeof word);
  }
  return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string whole = whole_file();
  static const std::vector<size_t> words = words_in(whole);
  static std::string bytes = whole;
  constexpr size_t change = 2 + sizeof(uint64_t);
  std::vector<size_t> changed;
  for (; size >= change; data += change, size -= change) {
    const size_t place = words[(data[0] + 256U * data[1]) % words.size()];
    std::memcpy(&bytes[place], data + 2, sizeof(uint64_t));
    changed.push_back(place);
  }
  const size_t length = size > 0 ? bytes.size() * data[0] / 256 : bytes.size();
  try {
    const Flight flight = read_flight(std::string_view(bytes).substr(0, length));
    const auto& timings = flight.window.timings;
    for (size_t row = 0; row < timings.series.size(); ++row) {
      if (!(timings.min[row] <= timings.max[row]) || timings.count[row] == 0) std::abort();
    }
  } catch (const FlightProblem&) {  // refused: as it should be
  }
  for (const size_t place : changed) std::memcpy(&bytes[place], &whole[place], sizeof(uint64_t));
  return 0;
}
