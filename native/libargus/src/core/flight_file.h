// The file in which a recording process keeps its cells: mapped memory that outlives a SIGKILL.
//
// What is stored into shared pages is the system's at once, so nothing is ever flushed, and a record costs what it
// costs in other memory. Room is reserved before it is mapped: a full disk is a chunk less here, not a SIGBUS later.
//
// Thread rule: `make` from any thread and any signal handler. A child of a fork has copies of the mappings, but shall
// not write its parent's file: in it every page is replaced by zeroed memory of its own before `fork` returns.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "flight_layout.h"

namespace argus::core {

// Who records; what a batch says of its sender.
struct FlightIdentity {
  std::string instance;
  std::string host;
  std::string sdk;
  double interval = 0.0;  // seconds between two windows
};

class FlightFile {
 public:
  struct Name {
    flight::Part part;
    uint32_t owner;
    uint32_t chunk;
  };
  struct Chunk {
    void* pages = nullptr;
    uint64_t at = 0;  // bytes from the file's beginning
  };

  // Makes the file, for its owner alone to read. Throws std::system_error where that cannot be.
  FlightFile(const std::string& path, const FlightIdentity& identity);
  ~FlightFile();
  FlightFile(const FlightFile&) = delete;
  FlightFile& operator=(const FlightFile&) = delete;

  // A zeroed chunk, entered in the directory. Without pages, and counted, where the file has no room for it.
  Chunk make(Name name, size_t bytes) noexcept { return enter(name, nullptr, bytes); }

  // Moves pages of the caller's into the file, at the address where they are. Nobody may write them meanwhile.
  bool adopt(Name name, void* pages, size_t bytes) noexcept;

  // Whether this process writes the file: not in the child of a fork, and not after `close`.
  bool live() const noexcept { return live_.load(std::memory_order_acquire); }

  const std::atomic<bool>& live_flag() const noexcept { return live_; }

  // Whether this is the child of a fork, in which all that lay in the file is zero.
  bool left() const noexcept { return left_.load(std::memory_order_acquire); }

  flight::Commits& commits() noexcept { return *reinterpret_cast<flight::Commits*>(head_ + flight::kCommitsAt); }
  std::byte* lines() noexcept { return head_ + flight::kLinesAt; }

  void count_overflow() noexcept;

  // Stop writing, and delete the file. What is mapped stays in memory.
  void close() noexcept;

  // In the child of a fork; called by itself, and harmless again.
  void leave() noexcept;

  // The mappings are about to be given back by whoever got them.
  void forget_mappings() noexcept;

 private:
  struct Mapping {
    std::atomic<void*> pages;
    size_t bytes;
  };

  Chunk enter(Name name, void* pages, size_t bytes) noexcept;
  bool reserve(uint64_t at, uint64_t bytes) const noexcept;
  bool write(const void* from, size_t bytes, uint64_t at) const noexcept;
  void write_header(const FlightIdentity& identity);
  void forget(const void* pages) noexcept;
  void enroll();
  void strike() noexcept;

  const std::string path_;
  int file_ = -1;
  uint64_t page_ = 0;
  uint64_t limit_ = flight::kMostBytes;
  std::byte* head_ = nullptr;
  Mapping* mappings_ = nullptr;  // of each entry
  std::atomic<uint32_t> entries_{0};
  std::atomic<uint64_t> end_{0};
  std::atomic<bool> live_{false};
  std::atomic<bool> left_{false};
};

// Names the time since the machine was started; empty where the system does not say. A file from before is not to be
// trusted: its pages went to the disk in any order, or not at all.
std::string boot_name();

}  // namespace argus::core
