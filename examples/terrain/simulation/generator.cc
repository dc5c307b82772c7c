#include "simulation/generator.h"

#include <algorithm>
#include <utility>

namespace terrain {

Generator::Generator(const Landscape& landscape) : landscape_(landscape), thread_([this] { work(); }) {}

Generator::~Generator() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Generator::ask(std::deque<ChunkKey> keys) {
  {
    const std::lock_guard lock(mutex_);
    const auto under_way = [this](ChunkKey key) {
      return making_ == key || std::any_of(made_.begin(), made_.end(), [&](auto& chunk) { return chunk->key == key; });
    };
    keys.erase(std::remove_if(keys.begin(), keys.end(), under_way), keys.end());
    asked_ = std::move(keys);
  }
  changed_.notify_all();
}

std::vector<std::shared_ptr<const Chunk>> Generator::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(made_, {});
}

void Generator::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return asked_.empty() && !making_; });
}

void Generator::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !asked_.empty(); });
    if (stopping_) return;
    const ChunkKey key = asked_.front();
    asked_.pop_front();
    making_ = key;
    lock.unlock();
    auto chunk = std::make_shared<const Chunk>(make_chunk(landscape_, key));
    lock.lock();
    made_.push_back(std::move(chunk));
    making_.reset();
    changed_.notify_all();
  }
}

}  // namespace terrain
