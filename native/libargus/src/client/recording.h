// Recording by name from the flush thread, which has no need to be fast.
#pragma once

#include <string_view>

#include "core/registry.h"

namespace argus::client {

inline void record_gauge(core::Registry& registry, std::string_view name, double value) {
  const uint32_t slot = registry.resolve(core::Kind::gauge, name, nullptr, 0, false);
  registry.set(slot, value);
}

inline void record_count(core::Registry& registry, std::string_view name, double value) {
  const uint32_t slot = registry.resolve(core::Kind::counter, name, nullptr, 0, false);
  registry.add(slot, value);
}

}  // namespace argus::client
