#include "window.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace argus::client {

namespace {

using core::Bin;
using core::CounterColumns;
using core::GaugeColumns;
using core::TimingColumns;

std::vector<Bin> merged_bins(const std::vector<Bin>& one, const std::vector<Bin>& other) {
  std::vector<Bin> result;
  result.reserve(one.size() + other.size());
  std::merge(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(result),
             [](const Bin& a, const Bin& b) { return a.index < b.index; });
  size_t kept = 0;
  for (const Bin& bin : result) {
    if (kept > 0 && result[kept - 1].index == bin.index) {
      result[kept - 1].count += bin.count;
    } else {
      result[kept++] = bin;
    }
  }
  result.resize(kept);
  return result;
}

void combine(CounterColumns& into, size_t row, CounterColumns& from, size_t other) {
  into.sum[row] += from.sum[other];
  into.count[row] += from.count[other];
}

void combine(GaugeColumns& into, size_t row, GaugeColumns& from, size_t other) {
  into.last[row] = from.last[other];
  into.min[row] = std::min(into.min[row], from.min[other]);
  into.max[row] = std::max(into.max[row], from.max[other]);
  into.sum[row] += from.sum[other];
  into.count[row] += from.count[other];
}

void combine(TimingColumns& into, size_t row, TimingColumns& from, size_t other) {
  into.count[row] += from.count[other];
  into.sum[row] += from.sum[other];
  into.min[row] = std::min(into.min[row], from.min[other]);
  into.max[row] = std::max(into.max[row], from.max[other]);
  into.bins[row] = merged_bins(into.bins[row], from.bins[other]);
}

auto columns_of(CounterColumns& c) { return std::tie(c.series, c.sum, c.count); }
auto columns_of(GaugeColumns& c) { return std::tie(c.series, c.last, c.min, c.max, c.sum, c.count); }
auto columns_of(TimingColumns& c) { return std::tie(c.series, c.count, c.sum, c.min, c.max, c.bins); }

// Calls `body(column of a, the same column of b)` for every column.
template <typename Columns, typename Body>
void for_each_column(Columns& a, Columns& b, Body body) {
  std::apply([&](auto&... of_a) { std::apply([&](auto&... of_b) { (body(of_a, of_b), ...); }, columns_of(b)); },
             columns_of(a));
}

template <typename Columns>
void merge_columns(Columns& into, Columns& from) {
  std::unordered_map<std::string_view, size_t> row_of;
  for (size_t row = 0; row < into.series.size(); ++row) row_of.emplace(*into.series[row].key, row);
  for (size_t other = 0; other < from.series.size(); ++other) {
    const auto known = row_of.find(*from.series[other].key);
    if (known != row_of.end()) {
      combine(into, known->second, from, other);
      continue;
    }
    for_each_column(into, from, [&](auto& a, auto& b) { a.push_back(std::move(b[other])); });
  }
}

// Moves up to `rows` rows from `offset` on out of `from`; returns how many.
template <typename Columns>
size_t move_rows(Columns& from, size_t offset, size_t rows, Columns& into) {
  const size_t count = std::min(rows, from.series.size() - offset);
  for_each_column(into, from, [&](auto& a, auto& b) {
    const auto begin = b.begin() + static_cast<std::ptrdiff_t>(offset);
    a.assign(std::make_move_iterator(begin), std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(count)));
  });
  return count;
}

}  // namespace

TimedWindow merge(TimedWindow earlier, TimedWindow later) {
  earlier.start = std::min(earlier.start, later.start);
  earlier.end = std::max(earlier.end, later.end);
  merge_columns(earlier.columns.counters, later.columns.counters);
  merge_columns(earlier.columns.gauges, later.columns.gauges);
  merge_columns(earlier.columns.timings, later.columns.timings);
  return earlier;
}

std::vector<TimedWindow> pieces(TimedWindow window, size_t rows) {
  std::vector<TimedWindow> result;
  if (window.rows() <= rows) {
    result.push_back(std::move(window));
    return result;
  }
  size_t counters = 0;
  size_t gauges = 0;
  size_t timings = 0;
  const size_t total = window.rows();
  while (counters + gauges + timings < total) {
    TimedWindow piece{window.start, window.end, {}};
    size_t room = rows;
    const auto take = [&](auto& from, size_t& offset, auto& into) {
      const size_t moved = move_rows(from, offset, room, into);
      offset += moved;
      room -= moved;
    };
    take(window.columns.counters, counters, piece.columns.counters);
    take(window.columns.gauges, gauges, piece.columns.gauges);
    take(window.columns.timings, timings, piece.columns.timings);
    result.push_back(std::move(piece));
  }
  return result;
}

}  // namespace argus::client
