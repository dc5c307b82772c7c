// Undelivered batches as files: SPOOL/INSTANCE/NUMBER-KIND-SEQ-RECORDS.json, and a `lock` that their owner holds. The
// Python SDK writes the same, so either can deliver what the other left behind.
//
// Files are written atomically. The folder of an instance whose process is gone is taken over by the next client.
// Thread rule: the flush thread's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/file_lock.h"
#include "client/flight.h"
#include "client/stream.h"

namespace argus::client {

// A batch in a file; its name says everything but the body.
struct SavedBatch {
  std::filesystem::path file;
  std::string_view path;  // of the request
  uint64_t seq = 0;
  uint64_t records = 0;
  uint64_t number = 0;  // in its folder
  uint64_t bytes = 0;   // of one that was just saved
};

// What a file's name says; nothing for a name that is no batch's.
std::optional<SavedBatch> batch_of(const std::filesystem::path& file);

// The files of a folder whose names are batches', in the order they were written.
std::vector<SavedBatch> batches_in(const std::filesystem::path& folder);

// Writes a batch's file, so that it is there as a whole or not at all. Throws std::filesystem::filesystem_error.
SavedBatch write_batch(const std::filesystem::path& folder, uint64_t number, const Batch& batch);

// Nothing where it cannot be read as a whole.
std::optional<std::string> read_file(const std::filesystem::path& file);

class Folder {
 public:
  Folder(std::filesystem::path root, const std::string& instance, uint64_t limit);

  // Makes the instance's own folder where need be, holds its lock, and returns it. Throws
  // std::filesystem::filesystem_error.
  const std::filesystem::path& claim();

  // Whether so many bytes more are within the limit.
  bool has_room(uint64_t size) const { return bytes() + size <= limit_; }

  // Writes the batch. Throws std::filesystem::filesystem_error where the disk or the folder's own limit has no room.
  SavedBatch save(const Batch& batch);

  // The body of a saved batch; nothing if it gave way to newer ones meanwhile.
  static std::optional<std::string> read(const SavedBatch& batch);

  void remove(const SavedBatch& batch) noexcept;

  // Batches of processes that are gone, oldest first, each with its own instance and number. Their folders stay locked
  // until they are empty or this object ends. What one of them had in its flight file becomes batches first.
  std::vector<SavedBatch> orphans(const Say& say);

  uint64_t bytes() const;
  uint64_t dropped_files() const noexcept { return dropped_files_; }
  uint64_t dropped_records() const noexcept { return dropped_records_; }

  // Releases the folder; removes it when nothing is left in it.
  void close() noexcept;

  // In the child of a fork: let go of the parent's lock without releasing it there.
  void abandon() noexcept;

 private:
  struct Orphan {
    std::filesystem::path folder;
    FileLock lock;
  };

  void make_room(uint64_t size);

  const std::filesystem::path root_;
  const std::filesystem::path own_;
  const uint64_t limit_;
  uint64_t number_ = 0;
  uint64_t dropped_files_ = 0;
  uint64_t dropped_records_ = 0;
  FileLock lock_;
  std::vector<Orphan> orphans_;
};

}  // namespace argus::client
