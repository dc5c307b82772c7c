#include "folder.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "client/utf8.h"

namespace argus::client {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMetrics = "/api/v1/metrics";
constexpr std::string_view kLogs = "/api/v1/logs";

std::vector<fs::path> folders_in(const fs::path& root) {
  std::vector<fs::path> folders;
  std::error_code gone;
  for (const fs::directory_entry& entry : fs::directory_iterator(root, gone)) {
    if (entry.is_directory(gone)) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

uint64_t size_of(const fs::path& file) noexcept {
  std::error_code gone;
  const uint64_t size = fs::file_size(file, gone);
  return gone ? 0 : size;
}

bool read_number(std::string_view text, uint64_t& number) noexcept {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

// Deletes an instance's folder, unless something that is not ours lies in it.
void remove_folder(const fs::path& folder) noexcept {
  std::error_code gone;
  fs::remove(folder / "lock", gone);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, gone)) {
    if (entry.path().extension() == ".part") fs::remove(entry.path(), gone);
  }
  fs::remove(folder, gone);  // what is not empty stays
}

std::string folder_name(std::string instance) {
  constexpr std::string_view kNowhere = R"(<>:"/\|?*)";  // in a file's name, on one system or another
  const auto allowed_nowhere = [&](char c) { return kNowhere.find(c) != std::string_view::npos; };
  std::replace_if(instance.begin(), instance.end(), allowed_nowhere, '-');
  return instance;
}

}  // namespace

std::vector<SavedBatch> batches_in(const fs::path& folder) {
  std::vector<SavedBatch> batches;
  std::error_code gone;  // a folder that another process removes meanwhile holds nothing
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, gone)) {
    if (std::optional<SavedBatch> batch = batch_of(entry.path())) batches.push_back(std::move(*batch));
  }
  std::sort(batches.begin(), batches.end(), [](const auto& a, const auto& b) { return a.file < b.file; });
  return batches;
}

SavedBatch write_batch(const fs::path& folder, uint64_t number, const Batch& batch) {
  char name[128];
  std::snprintf(name, sizeof name, "%09llu-%s-%llu-%llu.json", static_cast<unsigned long long>(number),
                batch.path == kLogs ? "logs" : "metrics", static_cast<unsigned long long>(batch.seq),
                static_cast<unsigned long long>(batch.records));
  SavedBatch saved{folder / name, batch.path, batch.seq, batch.records, number, batch.body.size()};
  const fs::path part = fs::path(saved.file).replace_extension(".part");
  write_durably(part, batch.body);
  fs::rename(part, saved.file);
  return saved;
}

std::optional<std::string> read_file(const fs::path& file) {
  std::error_code gone;
  const uint64_t size = fs::file_size(file, gone);
  if (gone) return std::nullopt;
  std::string content(size, '\0');
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(content.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return content;
}

std::optional<SavedBatch> batch_of(const fs::path& file) {
  if (file.extension() != ".json") return std::nullopt;
  const std::string name = to_text(file.stem());
  std::vector<std::string_view> parts;
  std::string_view rest = name;
  for (size_t dash = rest.find('-'); dash != std::string_view::npos; dash = rest.find('-')) {
    parts.push_back(rest.substr(0, dash));
    rest.remove_prefix(dash + 1);
  }
  parts.push_back(rest);
  SavedBatch batch;
  if (parts.size() != 4 || (parts[1] != "metrics" && parts[1] != "logs")) return std::nullopt;
  if (!read_number(parts[2], batch.seq) || !read_number(parts[3], batch.records)) return std::nullopt;
  if (!read_number(parts[0], batch.number)) return std::nullopt;
  batch.file = file;
  batch.path = parts[1] == "logs" ? kLogs : kMetrics;
  return batch;
}

Folder::Folder(fs::path root, const std::string& instance, uint64_t limit)
    : root_(std::move(root)), own_(root_ / to_path(folder_name(instance))), limit_(limit) {}

const fs::path& Folder::claim() {
  constexpr int tries = 5;  // a process that looks for orphans may hold the lock, or remove a folder, in this moment
  std::error_code problem;
  for (int i = 0; i < tries && !lock_.held(); ++i) {
    if (i != 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    fs::create_directories(own_, problem);
    if (!problem) fs::permissions(own_, fs::perms::owner_all, problem);
    if (!problem) lock_.try_lock(own_ / "lock");
  }
  if (lock_.held()) return own_;
  if (!problem) problem = std::make_error_code(std::errc::device_or_resource_busy);
  throw fs::filesystem_error("cannot lock", own_, problem);
}

SavedBatch Folder::save(const Batch& batch) {
  claim();
  make_room(batch.body.size());
  return write_batch(own_, ++number_, batch);
}

std::optional<std::string> Folder::read(const SavedBatch& batch) { return read_file(batch.file); }

void Folder::remove(const SavedBatch& batch) noexcept {
  std::error_code gone;
  fs::remove(batch.file, gone);
  const fs::path folder = batch.file.parent_path();
  const auto orphan =
      std::find_if(orphans_.begin(), orphans_.end(), [&](const Orphan& one) { return one.folder == folder; });
  if (orphan == orphans_.end() || !batches_in(folder).empty()) return;
  orphan->lock.unlock();
  orphans_.erase(orphan);
  remove_folder(folder);
}

std::vector<SavedBatch> Folder::orphans(const Say& say) {
  std::vector<SavedBatch> result;
  for (const fs::path& folder : folders_in(root_)) {
    FileLock lock;
    if (folder == own_ || !lock.try_lock(folder / "lock")) continue;
    if (fs::exists(folder / kFlight)) into_batches(folder, say);
    std::vector<SavedBatch> batches = batches_in(folder);
    if (batches.empty()) {
      lock.unlock();
      remove_folder(folder);
      continue;
    }
    std::move(batches.begin(), batches.end(), std::back_inserter(result));
    orphans_.push_back({folder, std::move(lock)});
  }
  return result;
}

uint64_t Folder::bytes() const {
  uint64_t total = 0;
  for (const fs::path& folder : folders_in(root_)) {
    for (const SavedBatch& batch : batches_in(folder)) total += size_of(batch.file);
  }
  return total;
}

void Folder::close() noexcept {
  const bool was_held = lock_.held();
  orphans_.clear();
  lock_.unlock();
  if (was_held && batches_in(own_).empty()) remove_folder(own_);
}

void Folder::abandon() noexcept {
  // A lock of flock belongs to the open file, which parent and child share: closing this copy leaves it with the
  // parent.
  orphans_.clear();
  lock_.unlock();
}

// Deletes the oldest files of log lines until `size` more bytes fit; metrics stay, for in memory they can merge.
void Folder::make_room(uint64_t size) {
  uint64_t total = bytes();
  if (total + size <= limit_) return;
  std::vector<SavedBatch> logs;
  for (const fs::path& folder : folders_in(root_)) {
    for (SavedBatch& batch : batches_in(folder)) {
      if (batch.path == kLogs) logs.push_back(std::move(batch));
    }
  }
  const auto written = [](const SavedBatch& batch) {
    std::error_code gone;
    return fs::last_write_time(batch.file, gone);
  };
  std::sort(logs.begin(), logs.end(), [&](const auto& a, const auto& b) { return written(a) < written(b); });
  for (const SavedBatch& batch : logs) {
    if (total + size <= limit_) return;
    total -= std::min(total, size_of(batch.file));
    std::error_code gone;
    fs::remove(batch.file, gone);
    ++dropped_files_;
    dropped_records_ += batch.records;
  }
  if (total + size > limit_) {
    throw fs::filesystem_error("the spool folder has reached its limit of " + std::to_string(limit_) + " bytes", root_,
                               std::make_error_code(std::errc::no_space_on_device));
  }
}

}  // namespace argus::client
