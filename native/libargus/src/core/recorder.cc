#include "recorder.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace argus::core {

namespace {

constexpr size_t kTextChunk = 65'536;  // bytes
constexpr size_t kTextAlignment = 8;

// What is stored after this comes after what was stored before it. The only other reader is whoever finds the file when
// this process is dead, so it is the compiler that must not swap stores; the machine shows them in order.
void in_order() noexcept { std::atomic_signal_fence(std::memory_order_seq_cst); }

double unix_seconds() noexcept {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

void Recorder::name(Kind kind, uint32_t slot, std::string_view key) {
  const auto number = static_cast<size_t>(kind);
  // The totals come first: a series with a key and without its totals would be sent all over again.
  const bool noted =
      kind == Kind::timing ? timing_totals_.ensure(slot) != nullptr : totals_[number].ensure(slot) != nullptr;
  flight::KeyPlace* const place = keys_[number].ensure(slot);
  if (!noted || place == nullptr) return;
  place->text.store(0, std::memory_order_relaxed);
  in_order();
  std::vector<Text>& texts = texts_[number];
  if (texts.size() <= slot) texts.resize(slot + 1);
  Text& text = texts[slot];
  if (key.empty() || (text.room < key.size() && !make_text(text, key.size()))) return;
  text.place->size = static_cast<uint32_t>(key.size());
  std::memcpy(text.place + 1, key.data(), key.size());
  in_order();
  place->text.store(text.at, std::memory_order_relaxed);
}

bool Recorder::make_text(Text& text, size_t bytes) noexcept {
  const size_t needed = (sizeof(flight::KeyText) + bytes + kTextAlignment - 1) / kTextAlignment * kTextAlignment;
  if (text_chunk_.pages == nullptr || text_used_ + needed > kTextChunk) {
    if (needed > kTextChunk) return false;
    text_chunk_ = file_.make({flight::Part::texts, 0, text_chunks_}, kTextChunk);
    text_used_ = 0;
    if (text_chunk_.pages == nullptr) return false;
    ++text_chunks_;
  }
  text.place = reinterpret_cast<flight::KeyText*>(static_cast<std::byte*>(text_chunk_.pages) + text_used_);
  text.at = text_chunk_.at + text_used_;
  text.room = needed - sizeof(flight::KeyText);
  text_used_ += needed;
  return true;
}

const flight::Commit& Recorder::last_commit() noexcept {
  const flight::Commits& commits = file_.commits();
  return commits.of[commits.count.load(std::memory_order_relaxed) % 2];
}

// Not the one that counts until the next commit.
template <typename Copies>
size_t Recorder::copy_to_write(const Copies& copies) noexcept {
  const uint64_t safe = last_commit().epoch;
  const uint64_t first = copies[0].stamp.load(std::memory_order_relaxed);
  const uint64_t second = copies[1].stamp.load(std::memory_order_relaxed);
  if (first > safe) return 0;
  if (second > safe) return 1;
  return first <= second ? 0 : 1;
}

void Recorder::note(Kind kind, uint32_t slot, const CounterTotals& totals, uint64_t epoch) {
  flight::Totals* const kept = totals_[static_cast<size_t>(kind)].ensure(slot);
  if (kept == nullptr) return;
  flight::Totals::Copy& copy = kept->copies[copy_to_write(kept->copies)];
  copy.stamp.store(0, std::memory_order_relaxed);
  in_order();
  copy.sum = totals.sum;
  copy.count = totals.count;
  in_order();
  copy.stamp.store(epoch, std::memory_order_relaxed);
}

void Recorder::note(uint32_t slot, const TimingTotals& totals, uint64_t epoch) {
  flight::TimingTotals* const kept = timing_totals_.ensure(slot);
  if (kept == nullptr) return;
  const size_t which = copy_to_write(kept->copies);
  flight::TimingTotals::Copy& copy = kept->copies[which];
  copy.stamp.store(0, std::memory_order_relaxed);
  in_order();
  copy.sum = totals.sum;
  copy.zeros = totals.zeros;
  if (!note_octaves(*kept, totals, which)) {
    name(Kind::timing, slot, {});  // memory is exhausted: better nothing of it than all of it again
    return;
  }
  in_order();
  copy.stamp.store(epoch, std::memory_order_relaxed);
}

bool Recorder::note_octaves(flight::TimingTotals& kept, const TimingTotals& totals, size_t copy) noexcept {
  for (size_t row = 0; row < totals.octaves.size(); ++row) {
    uint32_t& index = kept.octaves[totals.octaves[row]];
    if (index == 0) {
      if (octave_totals_.ensure(octaves_made_) == nullptr) return false;
      index = ++octaves_made_;
    }
    const uint64_t* const bins = totals.bins.data() + row * kBinsPerOctave;
    std::copy_n(bins, kBinsPerOctave, octave_totals_.find(index - 1)->bins[copy].begin());
  }
  return true;
}

// The values first, then the number that says they count.
template <typename Change>
void Recorder::commit(Change change) noexcept {
  if (!file_.live()) return;
  flight::Commits& commits = file_.commits();
  const uint64_t next = commits.count.load(std::memory_order_relaxed) + 1;
  flight::Commit& coming = commits.of[next % 2];
  coming = last_commit();
  change(coming);
  in_order();
  commits.count.store(next, std::memory_order_release);
}

void Recorder::begin(uint64_t epoch) {
  drained(epoch);
  commit_window(0, unix_seconds());
}

void Recorder::commit_window(uint64_t metrics_seq, double until) {
  commit([&](flight::Commit& coming) {
    coming.epoch = drained_.load(std::memory_order_acquire);
    coming.metrics_seq = metrics_seq;
    coming.until = until;
  });
}

void Recorder::commit_lines(uint64_t logs_seq) {
  ring_.keep([&](uint64_t end) {
    commit([&](flight::Commit& coming) {
      coming.logs_seq = logs_seq;
      coming.lines = end;
    });
  });
}

bool Recorder::put_line(std::string_view line) {
  if (!file_.live()) return false;
  if (ring_.put(line)) return true;
  file_.count_overflow();
  return false;
}

}  // namespace argus::core
