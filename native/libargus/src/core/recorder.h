// The flight recorder: keeps in a file what it takes to finish the work of a process that was killed.
//
// The cells lie in the file already (FlightFile). Beside them go the keys of their series, what each had added up to at
// its last drain, and log lines that are in no batch yet. A drain is tentative until `commit_window` says that its
// batches are safe elsewhere: a process that is killed before is taken not to have drained, and what it had begun to
// save is thrown away (docs/flight-recorder.md).
//
// Thread rule: `name`, `note`, `drained` under the registry's mutex; commits and the taking of lines are the flush
// thread's; `put_line` from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cell.h"
#include "flight_file.h"
#include "line_ring.h"
#include "slab.h"
#include "totals.h"

namespace argus::core {

class Recorder {
 public:
  // Throws std::system_error where there can be no file.
  Recorder(const std::string& path, const FlightIdentity& identity) : file_(path, identity) {}
  ~Recorder() { file_.forget_mappings(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  FlightFile& file() noexcept { return file_; }

  // The slot's series has this key from now on; an empty one is none.
  void name(Kind kind, uint32_t slot, std::string_view key);

  // What the series had added up to at the drain that ended the window before `epoch`.
  void note(Kind kind, uint32_t slot, const CounterTotals& totals, uint64_t epoch);
  void note(uint32_t slot, const TimingTotals& totals, uint64_t epoch);

  // All series are noted.
  void drained(uint64_t epoch) noexcept { drained_.store(epoch, std::memory_order_release); }

  // Recording begins: what was noted is the line from which on records are recovered.
  void begin(uint64_t epoch);

  // All that was drained is in batches up to this number, and safe; the last window ended at `until`, in Unix seconds.
  void commit_window(uint64_t metrics_seq, double until);

  // All lines that were taken are in batches up to this number, and safe.
  void commit_lines(uint64_t logs_seq);

  // False, and counted, where there is no room.
  bool put_line(std::string_view line);
  std::vector<std::string> take_lines(size_t most, size_t bytes) { return ring_.take(most, bytes); }
  size_t waiting_lines() { return ring_.waiting(); }
  bool crowded() { return ring_.crowded(); }

  // Chunks, keys and lines for which there was no room: they are not recovered.
  uint64_t overflows() noexcept { return file_.left() ? 0 : file_.commits().overflows.load(std::memory_order_relaxed); }

  // The process goes on without it, or is done.
  void close() noexcept { file_.close(); }

 private:
  // The text of a slot's key, and how long one that takes its place may be.
  struct Text {
    flight::KeyText* place = nullptr;
    uint64_t at = 0;
    size_t room = 0;
  };

  bool make_text(Text& text, size_t bytes) noexcept;
  template <typename Copies>
  size_t copy_to_write(const Copies& copies) noexcept;
  bool note_octaves(flight::TimingTotals& kept, const TimingTotals& totals, size_t copy) noexcept;
  const flight::Commit& last_commit() noexcept;
  template <typename Change>
  void commit(Change change) noexcept;

  FlightFile file_;
  FlightSlot slot_{&file_};
  LineRing ring_{file_.lines(), file_.commits().lines_written, file_.live_flag()};
  std::array<Slab<flight::KeyPlace>, kKinds> keys_{
      {{slot_, flight::Part::keys, 0}, {slot_, flight::Part::keys, 1}, {slot_, flight::Part::keys, 2}}};
  std::array<Slab<flight::Totals>, 2> totals_{{{slot_, flight::Part::totals, 0}, {slot_, flight::Part::totals, 1}}};
  Slab<flight::TimingTotals> timing_totals_{slot_, flight::Part::timing_totals, 2};
  Slab<flight::OctaveTotals> octave_totals_{slot_, flight::Part::octave_totals, 2};
  uint32_t octaves_made_ = 0;
  std::array<std::vector<Text>, kKinds> texts_;
  FlightFile::Chunk text_chunk_;  // where new texts go
  size_t text_used_ = 0;
  uint32_t text_chunks_ = 0;
  std::atomic<uint64_t> drained_{0};  // the epoch after the last drain
};

}  // namespace argus::core
