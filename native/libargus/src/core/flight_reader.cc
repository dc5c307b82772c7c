#include "flight_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "key.h"
#include "slab.h"
#include "totals.h"

namespace argus::core {

namespace {

using flight::Part;

constexpr size_t kMostSlots = 200'000;  // of a kind: twenty times what a registry holds
constexpr uint32_t kMostItems = (uint32_t{16} << kSlabChunks) - 17;
constexpr uint64_t kMostNumber = uint64_t{1} << 53U;  // of counts and sequence numbers: what JSON carries

// What a plain copy of an item with atomics in it looks like.
struct ExtremesCopy {
  double min, max;
  uint32_t epoch, unused;
};
struct CounterCopy {
  double sum;
  uint64_t count, ones;
};
struct GaugeCopy {
  double last;
  uint64_t stamp;
  double sum;
  uint64_t count;
  std::array<ExtremesCopy, 2> extremes;
};
struct TimingCopy {
  double sum;
  uint64_t zeros, touched;
  std::array<ExtremesCopy, 2> extremes;
  std::array<uint32_t, kOctaves> octaves;
};
struct TotalsCopy {
  uint64_t stamp;
  double sum;
  uint64_t count;  // a timing's zeros
};
struct TimingTotalsCopy {
  std::array<TotalsCopy, 2> copies;
  std::array<uint32_t, kOctaves> octaves;
};
struct CommitsCopy {
  uint64_t count, lines_written, overflows;
  std::array<uint64_t, 5> unused;
  std::array<flight::Commit, 2> of;
};
struct EntryCopy {
  uint32_t part, owner, chunk, unused;
  uint64_t at, bytes;
};
using OctaveCopy = std::array<uint64_t, kBinsPerOctave>;

static_assert(sizeof(CounterCopy) == sizeof(CounterCell) && sizeof(GaugeCopy) == sizeof(GaugeCell));
static_assert(sizeof(TimingCopy) == sizeof(TimingCell) && sizeof(OctaveCopy) == sizeof(Octave));
static_assert(sizeof(CommitsCopy) == sizeof(flight::Commits) && sizeof(EntryCopy) == sizeof(flight::Entry));
static_assert(2 * sizeof(TotalsCopy) == sizeof(flight::Totals));
static_assert(sizeof(TimingTotalsCopy) == sizeof(flight::TimingTotals));

class FlightReader {
 public:
  explicit FlightReader(std::string_view bytes) : bytes_(bytes) {}

  Flight read();

 private:
  // Chunks of one part and owner, by number.
  using Chunks = std::array<uint64_t, kSlabChunks>;  // where each lies; 0: it does not

  template <typename Item>
  Item at(uint64_t place) const {
    if (place > bytes_.size() || bytes_.size() - place < sizeof(Item)) throw FlightProblem("it ends too early");
    Item item;
    std::memcpy(&item, bytes_.data() + place, sizeof item);
    return item;
  }

  template <typename Item>
  std::optional<Item> find(Part part, uint32_t owner, uint32_t index) const {
    const auto chunks = chunks_.find({static_cast<uint32_t>(part), owner});
    return chunks == chunks_.end() ? std::nullopt : find<Item>(chunks->second, index);
  }
  template <typename Item>
  std::optional<Item> find(const Chunks& chunks, uint32_t index) const;

  // The shards' items of one slot, newest shard first, which is the order in which drains add them up.
  template <typename Item, typename Use>
  void each_shard(Part part, uint32_t slot, Use use) const;

  void read_header(Flight& flight);
  void read_directory();
  void read_lines(Flight& flight, const CommitsCopy& commits) const;
  void read_series(Kind kind, Window& window);
  std::string key_at(uint64_t place);
  // Whatever a file says, what is made of it is not larger than it is.
  void spend(uint64_t bytes);

  // Each adds the series' row, if it has records that are not safe.
  void counter(uint32_t slot, SeriesRef ref, CounterColumns& out) const;
  void gauge(uint32_t slot, SeriesRef ref, GaugeColumns& out) const;
  void timing(uint32_t slot, SeriesRef ref, TimingColumns& out);
  bool add_bins(uint32_t shard, const TimingCopy& cell, std::map<uint32_t, uint64_t>& counts) const;
  bool subtract_bins(const TimingTotalsCopy& kept, size_t copy, std::map<uint32_t, uint64_t>& counts) const;
  const TotalsCopy* newest(const std::array<TotalsCopy, 2>& copies) const;

  const std::string_view bytes_;
  flight::Header header_{};
  uint64_t epoch_ = 0;
  uint64_t spent_ = 0;
  std::map<std::pair<uint32_t, uint32_t>, Chunks> chunks_;
};

size_t item_size(Part part) noexcept {
  switch (part) {
    case Part::counters: return sizeof(CounterCell);
    case Part::gauges: return sizeof(GaugeCell);
    case Part::timings: return sizeof(TimingCell);
    case Part::octaves: return sizeof(Octave);
    case Part::keys: return sizeof(flight::KeyPlace);
    case Part::totals: return sizeof(flight::Totals);
    case Part::timing_totals: return sizeof(flight::TimingTotals);
    case Part::octave_totals: return sizeof(flight::OctaveTotals);
    case Part::texts:
    case Part::none: break;
  }
  return 0;
}

template <size_t N>
std::string text_in(const std::array<char, N>& field) {
  return {field.begin(), std::find(field.begin(), field.end(), '\0')};
}

struct WindowRange {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  // Windows from `epoch` on are not safe. There are two places: what an older one of several held is gone.
  void widen(const std::array<ExtremesCopy, 2>& extremes, uint64_t epoch) noexcept {
    for (const ExtremesCopy& window : extremes) {
      if (window.epoch < epoch || !is_finite(window.min) || !is_finite(window.max)) continue;
      min = std::min(min, window.min);
      max = std::max(max, window.max);
    }
  }
};

// Records in one place and not in the other; none where that cannot be.
uint64_t grown(uint64_t now, uint64_t before) noexcept {
  return now > before && now - before < kMostNumber ? now - before : 0;
}

Flight FlightReader::read() {
  Flight flight;
  constexpr std::array<char, 8> nothing{};
  header_ = at<flight::Header>(0);
  if (header_.magic == nothing) return flight;
  read_header(flight);
  const auto commits = at<CommitsCopy>(header_.commits_at);
  const flight::Commit& last = commits.of[commits.count % 2];
  if (commits.count == 0) return flight;
  if (last.metrics_seq >= kMostNumber || last.logs_seq >= kMostNumber || !is_amount(last.until)) {
    throw FlightProblem("its last commit has impossible numbers");
  }
  epoch_ = last.epoch;
  flight.metrics_seq = last.metrics_seq;
  flight.logs_seq = last.logs_seq;
  flight.until = last.until;
  flight.overflows = commits.overflows;
  read_directory();
  for (const Kind kind : {Kind::counter, Kind::gauge, Kind::timing}) read_series(kind, flight.window);
  read_lines(flight, commits);
  return flight;
}

void FlightReader::read_header(Flight& flight) {
  if (header_.magic != flight::kMagic) throw FlightProblem("it does not begin as a flight file does");
  if (header_.order != flight::kOrder) throw FlightProblem("it was written by a machine with another byte order");
  if (header_.version != flight::kVersion) {
    throw FlightProblem("its layout is version " + std::to_string(header_.version) + ", not " +
                        std::to_string(flight::kVersion));
  }
  flight.identity.instance = text_in(header_.instance);
  flight.identity.host = text_in(header_.host);
  flight.identity.sdk = text_in(header_.sdk);
  flight.identity.interval = header_.interval;
  flight.boot = text_in(header_.boot);
  if (flight.identity.instance.empty() || !(header_.interval >= 0.0 && header_.interval <= 86'400.0)) {
    throw FlightProblem("its header has no instance, or an impossible interval");
  }
}

void FlightReader::read_directory() {
  for (uint32_t number = 0; number < flight::kMostEntries; ++number) {
    const auto entry = at<EntryCopy>(header_.entries_at + number * sizeof(flight::Entry));
    const size_t size = item_size(static_cast<Part>(entry.part));
    if (size == 0) continue;
    const bool whole = entry.chunk < kSlabChunks && entry.bytes == slab_items(entry.chunk) * size;
    if (!whole || entry.at == 0 || entry.at > bytes_.size() || bytes_.size() - entry.at < entry.bytes) {
      throw FlightProblem("a chunk of cells lies outside of it");
    }
    uint64_t& place = chunks_[{entry.part, entry.owner}][entry.chunk];
    if (place != 0) throw FlightProblem("it has a chunk of cells twice");
    place = entry.at;
  }
}

template <typename Item>
std::optional<Item> FlightReader::find(const Chunks& chunks, uint32_t index) const {
  if (index > kMostItems) return std::nullopt;
  const SlabPlace place = slab_place(index);
  if (chunks[place.chunk] == 0) return std::nullopt;
  return at<Item>(chunks[place.chunk] + place.offset * sizeof(Item));
}

template <typename Item, typename Use>
void FlightReader::each_shard(Part part, uint32_t slot, Use use) const {
  const auto number = static_cast<uint32_t>(part);
  auto chunks = chunks_.upper_bound({number, std::numeric_limits<uint32_t>::max()});
  while (chunks != chunks_.begin() && (--chunks)->first.first == number) {
    if (const std::optional<Item> item = find<Item>(chunks->second, slot)) use(chunks->first.second, *item);
  }
}

void FlightReader::read_series(Kind kind, Window& window) {
  const auto chunks = chunks_.find({static_cast<uint32_t>(Part::keys), static_cast<uint32_t>(kind)});
  if (chunks == chunks_.end()) return;
  uint32_t first = 0;
  for (size_t chunk = 0; first < kMostSlots; first += static_cast<uint32_t>(slab_items(chunk++))) {
    if (chunks->second[chunk] == 0) continue;
    for (uint32_t slot = first; slot < first + slab_items(chunk); ++slot) {
      const uint64_t place = find<uint64_t>(chunks->second, slot).value_or(0);
      if (place == 0) continue;
      const SeriesRef ref{slot, slot + 1U, std::make_shared<const std::string>(key_at(place))};
      switch (kind) {
        case Kind::counter: counter(slot, ref, window.counters); break;
        case Kind::gauge: gauge(slot, ref, window.gauges); break;
        case Kind::timing: timing(slot, ref, window.timings); break;
      }
    }
  }
}

std::string FlightReader::key_at(uint64_t place) {
  const auto text = at<flight::KeyText>(place);
  const uint64_t begin = place + sizeof text;
  if (text.size == 0 || bytes_.size() - begin < text.size) throw FlightProblem("a series' key lies outside of it");
  spend(text.size);
  return std::string(bytes_.substr(begin, text.size));
}

void FlightReader::spend(uint64_t bytes) {
  spent_ += bytes;
  if (spent_ > bytes_.size()) throw FlightProblem("its series overlap");
}

// The totals up to which the series' records are safe; nullptr: none of them is.
const TotalsCopy* FlightReader::newest(const std::array<TotalsCopy, 2>& copies) const {
  const TotalsCopy* best = nullptr;
  for (const TotalsCopy& copy : copies) {
    if (copy.stamp != 0 && copy.stamp <= epoch_ && (best == nullptr || copy.stamp > best->stamp)) best = &copy;
  }
  return best;
}

// What a sum has grown by; rounding, where shards were added up in another order, is no growth.
double sum_grown(double now, double before) noexcept {
  constexpr double noise = 1e-15;
  const double by = now - before;
  return std::fabs(by) <= noise * std::fabs(now) ? 0.0 : by;
}

// A record that does not add 1 stores its value in the sum and then counts it: the one that was being stored when its
// process died may be in the sum alone, and is counted here.
uint64_t whole_count(uint64_t count, double sum) noexcept { return count == 0 && sum != 0.0 ? 1 : count; }

void FlightReader::counter(uint32_t slot, SeriesRef ref, CounterColumns& out) const {
  const auto kept = find<std::array<TotalsCopy, 2>>(Part::totals, static_cast<uint32_t>(Kind::counter), slot);
  if (!kept) return;
  CounterTotals now;
  each_shard<CounterCopy>(Part::counters, slot, [&](uint32_t, const CounterCopy& cell) {
    now.count += cell.count + cell.ones;
    now.sum += cell.sum + static_cast<double>(cell.ones);
  });
  const TotalsCopy* const before = newest(*kept);
  const double sum = sum_grown(now.sum, before == nullptr ? 0.0 : before->sum);
  if (!is_amount(sum)) return;
  const uint64_t count = whole_count(grown(now.count, before == nullptr ? 0 : before->count), sum);
  if (count == 0) return;
  out.series.push_back(std::move(ref));
  out.sum.push_back(sum);
  out.count.push_back(count);
}

void FlightReader::gauge(uint32_t slot, SeriesRef ref, GaugeColumns& out) const {
  const auto kept = find<std::array<TotalsCopy, 2>>(Part::totals, static_cast<uint32_t>(Kind::gauge), slot);
  if (!kept) return;
  CounterTotals now;
  WindowRange range;
  double last = 0.0;
  uint64_t newest_stamp = 0;
  each_shard<GaugeCopy>(Part::gauges, slot, [&](uint32_t, const GaugeCopy& cell) {
    now.count += cell.count;
    now.sum += cell.sum;
    range.widen(cell.extremes, epoch_);
    if (cell.stamp >= newest_stamp) {
      newest_stamp = cell.stamp;
      last = cell.last;
    }
  });
  const TotalsCopy* const before = newest(*kept);
  const double sum = sum_grown(now.sum, before == nullptr ? 0.0 : before->sum);
  if (!is_finite(sum) || !is_finite(last)) return;
  const uint64_t count = whole_count(grown(now.count, before == nullptr ? 0 : before->count), sum);
  if (count == 0) return;
  out.series.push_back(std::move(ref));
  out.last.push_back(last);
  out.min.push_back(std::min(range.min, last));
  out.max.push_back(std::max(range.max, last));
  out.sum.push_back(sum);
  out.count.push_back(count);
}

void FlightReader::timing(uint32_t slot, SeriesRef ref, TimingColumns& out) {
  const auto kept = find<TimingTotalsCopy>(Part::timing_totals, static_cast<uint32_t>(Kind::timing), slot);
  if (!kept) return;
  double sum = 0.0;
  uint64_t all_zeros = 0;
  WindowRange range;
  std::map<uint32_t, uint64_t> counts;
  bool whole = true;
  each_shard<TimingCopy>(Part::timings, slot, [&](uint32_t shard, const TimingCopy& cell) {
    sum += cell.sum;
    all_zeros += cell.zeros;
    range.widen(cell.extremes, epoch_);
    whole = add_bins(shard, cell, counts) && whole;
  });
  const TotalsCopy* const before = newest(kept->copies);
  if (before != nullptr) {
    sum -= before->sum;
    whole = subtract_bins(*kept, before == kept->copies.data() ? 0 : 1, counts) && whole;
  }
  if (!whole || !is_finite(sum)) return;
  const uint64_t zeros = grown(all_zeros, before == nullptr ? 0 : before->count);
  uint64_t count = zeros;
  double least = 0.0;
  double most = 0.0;
  std::vector<Bin> bins;
  for (const auto& [index, records] : counts) {
    if (records == 0) continue;
    bins.push_back({index, records});
    count += records;
    least += static_cast<double>(records) * lower_bound_of(index);
    most += static_cast<double>(records) * lower_bound_of(index + 1);
  }
  if (count == 0 || count >= kMostNumber) return;
  const double low = zeros > 0 ? 0.0 : lower_bound_of(bins.front().index);
  const double high = bins.empty() ? 0.0 : lower_bound_of(bins.back().index + 1);
  out.series.push_back(std::move(ref));
  out.count.push_back(count);
  // A record counts in its bin before it is added up: the bins bound what the sum and the extremes can be.
  out.sum.push_back(std::min(std::max(sum, least), most));
  const double first_ends = zeros > 0 ? 0.0 : lower_bound_of(bins.front().index + 1);
  const double last_begins = bins.empty() ? 0.0 : lower_bound_of(bins.back().index);
  out.min.push_back(range.min >= low && range.min <= first_ends ? range.min : low);
  out.max.push_back(range.max >= last_begins && range.max <= high ? range.max : high);
  spend(bins.size() * sizeof(uint64_t));
  out.bins.push_back(std::move(bins));
}

// False where bins of the cell are not in the file.
bool FlightReader::add_bins(uint32_t shard, const TimingCopy& cell, std::map<uint32_t, uint64_t>& counts) const {
  for (unsigned octave = 0; octave < kOctaves; ++octave) {
    if (cell.octaves[octave] == 0) continue;
    const auto bins = find<OctaveCopy>(Part::octaves, shard, cell.octaves[octave] - 1);
    if (!bins) return false;
    for (unsigned i = 0; i < kBinsPerOctave; ++i) {
      if ((*bins)[i] != 0) counts[index_of(BinPlace{octave, i})] += (*bins)[i];
    }
  }
  return true;
}

bool FlightReader::subtract_bins(const TimingTotalsCopy& kept, size_t copy,
                                 std::map<uint32_t, uint64_t>& counts) const {
  for (unsigned octave = 0; octave < kOctaves; ++octave) {
    if (kept.octaves[octave] == 0) continue;
    const auto bins = find<std::array<OctaveCopy, 2>>(Part::octave_totals, static_cast<uint32_t>(Kind::timing),
                                                      kept.octaves[octave] - 1);
    if (!bins) return false;
    for (unsigned i = 0; i < kBinsPerOctave; ++i) {
      const auto now = counts.find(index_of(BinPlace{octave, i}));
      if (now != counts.end()) now->second = grown(now->second, (*bins)[copy][i]);
    }
  }
  return true;
}

void FlightReader::read_lines(Flight& flight, const CommitsCopy& commits) const {
  const uint64_t begin = commits.of[commits.count % 2].lines;
  const uint64_t end = commits.lines_written;
  if (end < begin || end - begin > flight::kLineBytes) throw FlightProblem("its log lines have no end");
  if (bytes_.size() < header_.lines_at || bytes_.size() - header_.lines_at < flight::kLineBytes) {
    throw FlightProblem("it ends in its log lines");
  }
  const std::string_view ring = bytes_.substr(header_.lines_at, flight::kLineBytes);
  const auto load = [&](uint64_t from, size_t size) {
    const size_t first = from % ring.size();
    std::string text(ring.substr(first, size));
    text += ring.substr(0, size - text.size());
    return text;
  };
  for (uint64_t place = begin; place < end;) {
    uint32_t size = 0;
    if (end - place < sizeof size) throw FlightProblem("a log line has no length");
    std::memcpy(&size, load(place, sizeof size).data(), sizeof size);
    place += sizeof size;
    if (end - place < size) throw FlightProblem("a log line is longer than what was written");
    flight.lines.push_back(load(place, size));
    place += size;
  }
}

}  // namespace

Flight read_flight(std::string_view bytes) { return FlightReader(bytes).read(); }

}  // namespace argus::core
