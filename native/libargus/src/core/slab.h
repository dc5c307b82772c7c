// A slab: items that never move, found by index, in chunks that double in size.
//
// Thread rule: one thread makes items (`ensure`), any thread may look (`find`). Items hold no pointers, so a chunk
// can as well lie in a flight file. Chunk c holds 16 << c items; together kSlabChunks chunks hold far more than the
// series limit allows, so the table itself never grows.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "bits.h"
#include "flight_file.h"
#include "pages.h"

namespace argus::core {

constexpr size_t kSlabChunks = 24;

constexpr size_t slab_items(size_t chunk) noexcept { return size_t{16} << chunk; }

struct SlabPlace {
  unsigned chunk;
  uint32_t offset;
};

inline SlabPlace slab_place(uint32_t index) noexcept {
  constexpr uint32_t first = 16;
  constexpr unsigned first_bits = 4;
  if (index < first) return {0, index};  // the usual case, and a shorter way than through the highest bit
  const uint32_t shifted = index + first;
  const unsigned chunk = highest_bit(shifted) - first_bits;
  return {chunk, shifted - (first << chunk)};
}

// Where new chunks go: into the flight file, while there is one, else into memory of their own.
using FlightSlot = std::atomic<FlightFile*>;

template <typename Item>
class Slab {
  static_assert(std::is_trivially_destructible_v<Item>, "chunks are given back as pages");

 public:
  // `flight` outlives the slab; `part` and `owner` are its name in there.
  Slab(const FlightSlot& flight, flight::Part part, uint32_t owner) noexcept
      : flight_(flight), part_(part), owner_(owner) {}
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() {
    for (size_t c = 0; c < kSlabChunks; ++c) free_pages(chunks_[c].load(std::memory_order_relaxed), chunk_bytes(c));
  }

  // The item, or nullptr if the owner has not made it yet.
  Item* find(uint32_t index) const noexcept {
    const SlabPlace place = slab_place(index);
    // acquire: pairs with the release in `make`, so a found chunk's items are constructed.
    Item* chunk = chunks_[place.chunk].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : chunk + place.offset;
  }

  // An item that the owner has made.
  Item& at(uint32_t index) const noexcept {
    const SlabPlace place = slab_place(index);
    return chunks_[place.chunk].load(std::memory_order_acquire)[place.offset];
  }

  // The item, made if need be; nullptr only when memory is exhausted. Owner thread only.
  Item* ensure(uint32_t index) noexcept {
    const SlabPlace place = slab_place(index);
    Item* chunk = chunks_[place.chunk].load(std::memory_order_relaxed);
    if (chunk == nullptr) chunk = make(place.chunk);
    return chunk == nullptr ? nullptr : chunk + place.offset;
  }

  // Moves the chunks that exist into the file, each staying at its address. Nobody may write an item meanwhile. False
  // where the file has no room.
  bool move_into(FlightFile& file) noexcept {
    for (unsigned c = 0; c < kSlabChunks; ++c) {
      Item* const chunk = chunks_[c].load(std::memory_order_relaxed);
      if (chunk != nullptr && !file.adopt({part_, owner_, c}, chunk, chunk_bytes(c))) return false;
    }
    return true;
  }

  size_t bytes() const noexcept {
    size_t total = 0;
    for (size_t c = 0; c < kSlabChunks; ++c) {
      if (chunks_[c].load(std::memory_order_relaxed) != nullptr) total += chunk_bytes(c);
    }
    return total;
  }

 private:
  static size_t chunk_bytes(size_t chunk) noexcept { return slab_items(chunk) * sizeof(Item); }

  ARGUS_RARE Item* make(unsigned chunk) noexcept {
    // acquire: pairs with the release in Registry::record_into, so the file is there.
    FlightFile* const file = flight_.load(std::memory_order_acquire);
    void* pages = file == nullptr ? nullptr : file->make({part_, owner_, chunk}, chunk_bytes(chunk)).pages;
    if (pages == nullptr) pages = zeroed_pages(chunk_bytes(chunk));
    if (pages == nullptr) return nullptr;
    auto* const items = static_cast<Item*>(pages);
    std::uninitialized_value_construct_n(items, slab_items(chunk));
    chunks_[chunk].store(items, std::memory_order_release);
    return items;
  }

  const FlightSlot& flight_;
  const flight::Part part_;
  const uint32_t owner_;
  std::array<std::atomic<Item*>, kSlabChunks> chunks_{};
};

}  // namespace argus::core
