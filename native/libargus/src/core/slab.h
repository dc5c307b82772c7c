// A slab: items that never move, found by index, in chunks that double in size.
//
// Thread rule: one thread makes items (`ensure`), any thread may look (`find`). Items hold no pointers, so a chunk
// could as well be a mapped file. Chunk c holds kFirst << c items; together kChunks chunks hold far more than the
// series limit allows, so the table itself never grows.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "bits.h"
#include "pages.h"

namespace argus::core {

template <typename Item>
class Slab {
  static_assert(std::is_trivially_destructible_v<Item>, "chunks are given back as pages");

 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    for (size_t c = 0; c < kChunks; ++c) free_pages(chunks_[c].load(std::memory_order_relaxed), chunk_bytes(c));
  }

  // The item, or nullptr if the owner has not made it yet.
  Item* find(uint32_t index) const noexcept {
    const Place place = place_of(index);
    // acquire: pairs with the release in `make`, so a found chunk's items are constructed.
    Item* chunk = chunks_[place.chunk].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : chunk + place.offset;
  }

  // The item, made if need be; nullptr only when memory is exhausted. Owner thread only.
  Item* ensure(uint32_t index) noexcept {
    const Place place = place_of(index);
    Item* chunk = chunks_[place.chunk].load(std::memory_order_relaxed);
    if (chunk == nullptr) chunk = make(place.chunk);
    return chunk == nullptr ? nullptr : chunk + place.offset;
  }

  size_t bytes() const noexcept {
    size_t total = 0;
    for (size_t c = 0; c < kChunks; ++c) {
      if (chunks_[c].load(std::memory_order_relaxed) != nullptr) total += chunk_bytes(c);
    }
    return total;
  }

 private:
  static constexpr uint32_t kFirst = 16;
  static constexpr unsigned kFirstBits = 4;
  static constexpr size_t kChunks = 24;

  struct Place {
    unsigned chunk;
    uint32_t offset;
  };

  static Place place_of(uint32_t index) noexcept {
    if (index < kFirst) return {0, index};  // the usual case, and a shorter way than through the highest bit
    const uint32_t shifted = index + kFirst;
    const unsigned chunk = highest_bit(shifted) - kFirstBits;
    return {chunk, shifted - (kFirst << chunk)};
  }

  static size_t chunk_items(size_t chunk) noexcept { return size_t{kFirst} << chunk; }
  static size_t chunk_bytes(size_t chunk) noexcept { return chunk_items(chunk) * sizeof(Item); }

  ARGUS_RARE Item* make(unsigned chunk) noexcept {
    auto* items = static_cast<Item*>(zeroed_pages(chunk_bytes(chunk)));
    if (items == nullptr) return nullptr;
    std::uninitialized_value_construct_n(items, chunk_items(chunk));
    chunks_[chunk].store(items, std::memory_order_release);
    return items;
  }

  std::array<std::atomic<Item*>, kChunks> chunks_{};
};

}  // namespace argus::core
