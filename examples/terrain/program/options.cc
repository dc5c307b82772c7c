#include "program/options.h"

#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>

namespace terrain {

const char* const kHelp =
    R"(usage: terrain [options]

A flight over an endless landscape. It flies by itself; the arrow keys or W, A, S and D steer,
Page Up and Page Down change the speed, Escape ends it.

  --headless         simulate without drawing
  --seconds N        end after N seconds
  --frames N         end after N frames
  --screenshot FILE  save the last frame; FILE ends in .png
  --size WxH         of the picture (1280x720)
  --samples N        samples per pixel, 1 to 16; 4 make smooth edges, and are for a graphics card (1)
  --seed N           which landscape (10)
  --hour H           time of day at the start, 0 to 24 (8)
  --fps-cap N        most frames per second; 0: as many as it can (the screen's pace; 60 if headless)
  --budget MS        milliseconds a frame may take before it is reported (33.3)
  --unmonitored      without libargus, to compare
  --help             this text

It reports to the server that ARGUS_URL and ARGUS_API_KEY name.
)";

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& value, const std::string& expected) {
  throw UsageError(name + " takes " + expected + ", not \"" + value + "\"");
}

double number(const std::string& name, const std::string& text, double low, double high, const std::string& expected) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const bool whole = !text.empty() && *end == '\0';
  if (!whole || !std::isfinite(value) || value < low || value > high) refuse(name, text, expected);
  return value;
}

uint64_t whole_number(const std::string& name, const std::string& text, double low, double high,
                      const std::string& expected) {
  const double value = number(name, text, low, high, expected);
  if (value != std::floor(value)) refuse(name, text, expected);
  return static_cast<uint64_t>(value);
}

Size size_of(const std::string& name, const std::string& text) {
  const std::string expected = "a size from 16x16 to 8192x8192, such as 1280x720";
  const size_t times = text.find('x');
  if (times == std::string::npos) refuse(name, text, expected);
  const auto side = [&](const std::string& part) {
    char* end = nullptr;
    const double value = std::strtod(part.c_str(), &end);
    if (part.empty() || *end != '\0' || value != std::floor(value) || value < 16.0 || value > 8192.0) {
      refuse(name, text, expected);
    }
    return static_cast<int>(value);
  };
  return {side(text.substr(0, times)), side(text.substr(times + 1))};
}

std::string png_name(const std::string& name, const std::string& text) {
  const std::string ending = ".png";
  if (text.size() <= ending.size() || text.compare(text.size() - ending.size(), ending.size(), ending) != 0) {
    refuse(name, text, "the name of a file that ends in .png");
  }
  return text;
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  const std::map<std::string, std::function<void()>> switches{
      {"--help", [&] { options.help = true; }},
      {"--headless", [&] { options.headless = true; }},
      {"--unmonitored", [&] { options.monitored = false; }},
  };
  using Text = const std::string&;
  const std::map<std::string, std::function<void(Text, Text)>> settings{
      {"--seconds", [&](Text n, Text v) { options.seconds = number(n, v, 0.001, 1e9, "a number of seconds over 0"); }},
      {"--frames", [&](Text n, Text v) { options.frames = whole_number(n, v, 1, 1e15, "a number of frames over 0"); }},
      {"--screenshot", [&](Text n, Text v) { options.screenshot = png_name(n, v); }},
      {"--size", [&](Text n, Text v) { options.size = size_of(n, v); }},
      {"--samples",
       [&](Text n, Text v) {
         options.samples = static_cast<int>(whole_number(n, v, 1, 16, "a whole number from 1 to 16"));
       }},
      {"--seed",
       [&](Text n, Text v) {
         options.seed = static_cast<uint32_t>(whole_number(n, v, 0, 1e9, "a whole number from 0 to 1000000000"));
       }},
      {"--hour", [&](Text n, Text v) { options.hour = number(n, v, 0, 24, "an hour from 0 to 24"); }},
      {"--fps-cap", [&](Text n, Text v) { options.fps_cap = number(n, v, 0, 10'000, "a number from 0 to 10000"); }},
      {"--budget",
       [&](Text n, Text v) { options.budget = number(n, v, 0, 60'000, "milliseconds from 0 to 60000") / 1000.0; }},
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (const auto found = switches.find(name); found != switches.end()) {
      found->second();
    } else if (const auto setting = settings.find(name); setting == settings.end()) {
      throw UsageError("there is no option \"" + name + "\"");
    } else if (i + 1 == arguments.size()) {
      throw UsageError(name + " needs a value");
    } else {
      setting->second(name, arguments[++i]);
    }
  }
  if (options.headless && !options.screenshot.empty()) {
    throw UsageError("--screenshot needs a window: leave --headless out; without a display, run under xvfb-run");
  }
  return options;
}

}  // namespace terrain
