// All shards of a registry, in a list that only grows at its head.
//
// Thread rule: `claim` may be called from any thread and any signal handler: it takes no lock and calls no allocator.
#pragma once

#include <atomic>
#include <cstdint>
#include <new>

#include "pages.h"
#include "shard.h"

namespace argus::core {

class ShardList {
 public:
  // Both are the registry's and outlive the list.
  ShardList(const std::atomic<uint32_t>& epoch, const FlightSlot& flight) noexcept : epoch_(epoch), flight_(flight) {}
  ShardList(const ShardList&) = delete;
  ShardList& operator=(const ShardList&) = delete;
  ~ShardList() {
    Shard* shard = head_.load(std::memory_order_relaxed);
    while (shard != nullptr) {
      Shard* const next = shard->next_;
      shard->~Shard();
      free_pages(shard, sizeof(Shard));
      shard = next;
    }
  }

  // A shard that nobody has, made if need be; nullptr when memory is exhausted. Give it back with Shard::release.
  Shard* claim() noexcept {
    for (Shard& shard : *this) {
      if (shard.claim()) return &shard;
    }
    void* const pages = zeroed_pages(sizeof(Shard));
    if (pages == nullptr) return nullptr;
    auto* shard = new (pages) Shard(epoch_, flight_, made_.fetch_add(1, std::memory_order_relaxed));
    shard->next_ = head_.load(std::memory_order_relaxed);
    // release: who finds the shard finds it constructed.
    while (!head_.compare_exchange_weak(shard->next_, shard, std::memory_order_release, std::memory_order_relaxed)) {
    }
    return shard;
  }

  class Iterator {
   public:
    explicit Iterator(Shard* shard) noexcept : shard_(shard) {}
    Shard& operator*() const noexcept { return *shard_; }
    Iterator& operator++() noexcept {
      shard_ = shard_->next_;
      return *this;
    }
    bool operator!=(const Iterator& other) const noexcept { return shard_ != other.shard_; }

   private:
    friend class ShardList;
    Shard* shard_;
  };
  Iterator begin() const noexcept { return Iterator(head_.load(std::memory_order_acquire)); }
  static Iterator end() noexcept { return Iterator(nullptr); }

 private:
  const std::atomic<uint32_t>& epoch_;
  const FlightSlot& flight_;
  std::atomic<uint32_t> made_{0};
  std::atomic<Shard*> head_{nullptr};
};

}  // namespace argus::core
