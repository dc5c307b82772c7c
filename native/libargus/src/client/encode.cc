#include "encode.h"

#include "client/json.h"

namespace argus::client {

namespace {

using json::append_name;
using json::append_number;
using json::append_text;

template <typename Items, typename Append>
void append_list(std::string& out, std::string_view name, const Items& items, Append append) {
  append_name(out, name);
  out += '[';
  for (size_t i = 0; i < items.size(); ++i) {
    if (i != 0) out += ',';
    append(items[i]);
  }
  out += ']';
}

template <typename Number>
void append_numbers(std::string& out, std::string_view name, const std::vector<Number>& numbers) {
  append_list(out, name, numbers, [&](Number number) { append_number(out, number); });
}

void append_keys(std::string& out, const std::vector<core::SeriesRef>& series) {
  append_list(out, "keys", series, [&](const core::SeriesRef& ref) { append_text(out, *ref.key); });
}

// First index, count, then (index difference, count) pairs.
void append_bins(std::string& out, const std::vector<core::Bin>& bins) {
  out += '[';
  uint64_t before = 0;
  for (const core::Bin& bin : bins) {
    if (out.back() != '[') out += ',';
    append_number(out, uint64_t{bin.index} - before);
    out += ',';
    append_number(out, bin.count);
    before = bin.index;
  }
  out += ']';
}

void append_sender(std::string& out, const Sender& sender, uint64_t seq) {
  append_name(out, "instance");
  append_text(out, sender.instance);
  append_name(out, "host");
  append_text(out, sender.host);
  append_name(out, "sdk");
  append_text(out, sender.sdk);
  append_name(out, "seq");
  append_number(out, seq);
}

void append_counters(std::string& out, const core::CounterColumns& counters) {
  append_name(out, "counters");
  out += '{';
  append_keys(out, counters.series);
  append_numbers(out, "sum", counters.sum);
  append_numbers(out, "count", counters.count);
  out += '}';
}

void append_gauges(std::string& out, const core::GaugeColumns& gauges) {
  append_name(out, "gauges");
  out += '{';
  append_keys(out, gauges.series);
  append_numbers(out, "last", gauges.last);
  append_numbers(out, "min", gauges.min);
  append_numbers(out, "max", gauges.max);
  append_numbers(out, "sum", gauges.sum);
  append_numbers(out, "count", gauges.count);
  out += '}';
}

void append_timings(std::string& out, const core::TimingColumns& timings) {
  append_name(out, "timings");
  out += '{';
  append_keys(out, timings.series);
  append_numbers(out, "count", timings.count);
  append_numbers(out, "sum", timings.sum);
  append_numbers(out, "min", timings.min);
  append_numbers(out, "max", timings.max);
  append_list(out, "bins", timings.bins, [&](const std::vector<core::Bin>& bins) { append_bins(out, bins); });
  out += '}';
}

void append_value(std::string& out, const argus_field& field) {
  switch (field.type) {
    case ARGUS_TEXT: append_text(out, {field.value.text.data, field.value.text.size}, kMaxText); return;
    case ARGUS_NUMBER: append_number(out, field.value.number); return;
    case ARGUS_INTEGER: append_number(out, field.value.integer); return;
    case ARGUS_BOOLEAN: out += field.value.integer != 0 ? "true" : "false"; return;
  }
  out += "null";
}

}  // namespace

std::string metrics_body(const Sender& sender, uint64_t seq, const TimedWindow& window) {
  std::string out = "{";
  append_sender(out, sender, seq);
  append_name(out, "start");
  append_number(out, window.start);
  append_name(out, "end");
  append_number(out, window.end);
  if (!window.columns.counters.series.empty()) append_counters(out, window.columns.counters);
  if (!window.columns.gauges.series.empty()) append_gauges(out, window.columns.gauges);
  if (!window.columns.timings.series.empty()) append_timings(out, window.columns.timings);
  out += '}';
  return out;
}

std::string logs_body(const Sender& sender, uint64_t seq, const std::vector<std::string>& lines) {
  std::string out = "{";
  append_sender(out, sender, seq);
  append_list(out, "logs", lines, [&](const std::string& line) { out += line; });
  out += '}';
  return out;
}

std::string log_line(double timestamp, argus_level level, std::string_view message, std::string_view logger,
                     const argus_field* fields, size_t count) {
  constexpr std::string_view kLevels[] = {"DEBUG", "INFO", "WARN", "ERROR"};
  std::string out = "{";
  append_name(out, "timestamp");
  append_number(out, timestamp);
  append_name(out, "level");
  append_text(out, kLevels[static_cast<size_t>(level)]);
  append_name(out, "message");
  append_text(out, message, kMaxText);
  append_name(out, "logger");
  append_text(out, logger, core::kMaxNameBytes);
  append_name(out, "metadata");
  out += '{';
  for (size_t i = 0; i < count && i < kMaxFields; ++i) {
    append_name(out, {fields[i].key.data, fields[i].key.size});
    append_value(out, fields[i]);
  }
  if (count > kMaxFields) {
    append_name(out, "fields_left_out");
    append_number(out, uint64_t{count - kMaxFields});
  }
  out += "}}";
  return out;
}

}  // namespace argus::client
