#include "flight.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>
#include <vector>

#include "client/encode.h"
#include "client/file_lock.h"
#include "client/folder.h"
#include "client/now.h"
#include "client/stream.h"
#include "client/utf8.h"
#include "client/window.h"
#include "core/flight_reader.h"

#if !defined(_WIN32)
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace argus::client {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_folder(const char* what, const fs::path& folder, std::errc why) {
  throw fs::filesystem_error(what, folder, std::make_error_code(why));
}

// The batches of what the process had not made batches of.
std::vector<Batch> batches_of(core::Flight flight) {
  const Sender sender{flight.identity.instance, flight.identity.host, flight.identity.sdk};
  std::vector<Batch> batches;
  TimedWindow window;
  window.start = flight.until;
  window.end = std::max(window.start, std::min(unix_now(), window.start + flight.identity.interval));
  window.columns = std::move(flight.window);
  if (window.rows() != 0) {
    for (const TimedWindow& piece : pieces(std::move(window), MetricStream::kMaxRows)) {
      const uint64_t seq = ++flight.metrics_seq;
      batches.push_back({"/api/v1/metrics", seq, metrics_body(sender, seq, piece), piece.rows()});
    }
  }
  for (size_t first = 0; first < flight.lines.size(); first += LogStream::kMaxLines) {
    const auto begin = flight.lines.begin() + static_cast<std::ptrdiff_t>(first);
    const size_t count = std::min(LogStream::kMaxLines, flight.lines.size() - first);
    const std::vector<std::string> lines(begin, begin + static_cast<std::ptrdiff_t>(count));
    const uint64_t seq = ++flight.logs_seq;
    batches.push_back({"/api/v1/logs", seq, logs_body(sender, seq, lines), count});
  }
  return batches;
}

void replace_flight(const fs::path& folder, core::Flight flight, const Say& say) {
  uint64_t number = 0;
  for (const SavedBatch& batch : batches_in(folder)) {
    number = std::max(number, batch.number);
    const bool metrics = batch.path == std::string_view("/api/v1/metrics");
    // It was never sent, and what is in it is in the flight file still.
    if (batch.seq > (metrics ? flight.metrics_seq : flight.logs_seq)) fs::remove(batch.file);
  }
  const std::string instance = flight.identity.instance;
  const uint64_t overflows = flight.overflows;
  uint64_t records = 0;
  for (const Batch& batch : batches_of(std::move(flight))) {
    write_batch(folder, ++number, batch);
    records += batch.records;
  }
  fs::remove(folder / kFlight);
  if (overflows != 0) {
    say(ARGUS_WARNING, instance + " had not room for all it recorded: " + std::to_string(overflows) + " refusals");
  }
  if (records == 0) return;
  say(ARGUS_INFO,
      std::to_string(records) + " series and log lines of " + instance + ", which was killed, will be sent");
}

}  // namespace

#if defined(_WIN32)
fs::path default_flight_folder() { return fs::temp_directory_path() / "argus"; }

void prepare_flight_folder(const fs::path& folder) {
  fail_folder("the flight recorder needs Linux or macOS, for", folder, std::errc::not_supported);
}
#else
fs::path default_flight_folder() {
  const fs::path shared_memory = "/dev/shm";
  if (fs::is_directory(shared_memory) && ::access(shared_memory.c_str(), W_OK) == 0) {
    return shared_memory / ("argus-" + std::to_string(::getuid()));
  }
  const char* const home = environment("HOME");
  return fs::path(home != nullptr ? home : "/tmp") / ".local/state/argus/recorder";
}

void prepare_flight_folder(const fs::path& folder) {
  constexpr mode_t writable_by_others = 022;
  constexpr mode_t owner_only = 0700;
  fs::create_directories(folder.parent_path().parent_path());
  for (const fs::path& part : {folder.parent_path(), folder}) {
    ::mkdir(part.c_str(), owner_only);  // it may exist already
    struct stat seen {};
    if (::lstat(part.c_str(), &seen) != 0) fail_folder("cannot make", part, std::errc::permission_denied);
    if (!S_ISDIR(seen.st_mode) || seen.st_uid != ::geteuid() || (seen.st_mode & writable_by_others) != 0) {
      fail_folder("not a folder that only you can write; remove it, or set flight_recorder to another", part,
                  std::errc::permission_denied);
    }
  }
}
#endif

std::string application_name(std::string_view url, std::string_view application) {
  constexpr uint64_t prime = 0x100000001B3U;
  uint64_t number = 0xCBF29CE484222325U;  // FNV-1a
  const std::string text = std::string(url) + '\n' + std::string(application);
  for (const char c : text) number = (number ^ static_cast<unsigned char>(c)) * prime;
  char name[17];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(number));
  return name;
}

void into_batches(const fs::path& folder, const Say& say) {
  const fs::path file = folder / kFlight;
  try {
    const std::optional<std::string> content = read_file(file);
    if (!content) {
      say(ARGUS_WARNING, "the flight file of a dead process cannot be read, it stays: " + to_text(file));
      return;
    }
    core::Flight flight = core::read_flight(*content);
    if (flight.boot == core::boot_name()) {
      replace_flight(folder, std::move(flight), say);
      return;
    }
    if (!flight.identity.instance.empty()) {
      say(ARGUS_WARNING,
          "the machine was started anew since " + flight.identity.instance + " died: what it kept in memory is lost");
    }
    fs::remove(file);
  } catch (const core::FlightProblem& problem) {
    std::error_code stays;
    fs::rename(file, folder / "flight.refused", stays);
    say(ARGUS_WARNING, to_text(file) + " is no flight file (" + problem.what() + "); it is flight.refused now");
  } catch (const fs::filesystem_error& error) {
    say(ARGUS_WARNING, std::string("what a dead process had recorded cannot be saved, it stays: ") + error.what());
  }
}

}  // namespace argus::client
