// Makes chunks on a thread of its own, so that no frame waits for one.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "simulation/chunk.h"

namespace terrain {

// Its methods belong to one thread, that of the world.
class Generator {
 public:
  explicit Generator(const Landscape& landscape);
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  // These, in this order, in place of what was asked for before and not begun; less what is under way.
  void ask(std::deque<ChunkKey> keys);

  // What has been made since the last call.
  [[nodiscard]] std::vector<std::shared_ptr<const Chunk>> take();

  // Returns when nothing that was asked for is missing.
  void wait();

 private:
  void work();

  const Landscape& landscape_;
  std::mutex mutex_;  // guards all below but the thread
  std::condition_variable changed_;
  std::deque<ChunkKey> asked_;
  std::vector<std::shared_ptr<const Chunk>> made_;
  std::optional<ChunkKey> making_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace terrain
