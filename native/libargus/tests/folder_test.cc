#include "client/folder.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "check.h"

using namespace argus::client;
namespace fs = std::filesystem;

namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(fs::temp_directory_path() / ("argus-folder-" + std::to_string(std::random_device{}()))) {}
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void silent(argus_level /*level*/, const std::string& /*message*/) {}

Batch batch(std::string_view path, uint64_t seq, const std::string& body) { return {path, seq, body, 3}; }

void a_batch_comes_back_from_its_file() {
  const TemporaryFolder root;
  Folder folder(root.path(), "web-1:4711:aa", 10'000);
  const SavedBatch saved = folder.save(batch("/api/v1/logs", 7, "{\"x\":1}"));
  CHECK(saved.file.filename() == "000000001-logs-7-3.json" && saved.file.parent_path().filename() == "web-1-4711-aa");
  CHECK(Folder::read(saved) == "{\"x\":1}");
  folder.remove(saved);
  CHECK(!Folder::read(saved));
  folder.close();
  CHECK(fs::is_empty(root.path()));
}

void the_folder_of_a_process_that_is_gone_is_taken_over() {
  const TemporaryFolder root;
  {
    Folder gone(root.path(), "a:1:x", 10'000);
    gone.save(batch("/api/v1/metrics", 1, "one"));
    gone.save(batch("/api/v1/metrics", 2, "two"));
    gone.close();
  }
  std::ofstream(root.path() / "a-1-x" / "stray.json") << "no batch's name";
  Folder later(root.path(), "b:2:y", 10'000);
  const auto orphans = later.orphans(silent);
  CHECK(orphans.size() == 2 && orphans[0].seq == 1 && orphans[1].seq == 2 && orphans[0].records == 3);
  later.remove(orphans[0]);
  CHECK(fs::exists(root.path() / "a-1-x"));
  later.remove(orphans[1]);
  CHECK(!fs::exists(root.path() / "a-1-x" / "lock") && fs::exists(root.path() / "a-1-x" / "stray.json"));
  fs::remove(root.path() / "a-1-x" / "stray.json");
  CHECK(later.orphans(silent).empty() && !fs::exists(root.path() / "a-1-x"));
}

void over_the_limit_old_log_files_go_and_metrics_stay() {
  const TemporaryFolder root;
  Folder folder(root.path(), "a:1:x", 1'000);
  for (uint64_t seq = 1; seq <= 4; ++seq) {
    folder.save(batch("/api/v1/metrics", seq, std::string(200, 'm')));
    folder.save(batch("/api/v1/logs", seq, std::string(200, 'l')));
  }
  CHECK(folder.bytes() <= 1'000);
  CHECK(folder.dropped_files() == 3 && folder.dropped_records() == 9);
  folder.save(batch("/api/v1/metrics", 5, std::string(200, 'm')));
  bool refused = false;
  try {
    folder.save(batch("/api/v1/metrics", 6, std::string(200, 'm')));
  } catch (const fs::filesystem_error& error) {
    refused = std::string(error.what()).find("limit of 1000 bytes") != std::string::npos;
  }
  CHECK(refused);
}

void only_names_of_batches_are_read() {
  for (const char* name :
       {"x.json", "1-metrics-2.json", "1-other-2-3.json", "1-logs-x-3.json", "1-logs-2-3.part", "lock"}) {
    CHECK(!batch_of(name));
  }
  CHECK(batch_of("000000012-metrics-99-5.json")->seq == 99);
}

}  // namespace

TEST_MAIN(a_batch_comes_back_from_its_file(), the_folder_of_a_process_that_is_gone_is_taken_over(),
          over_the_limit_old_log_files_go_and_metrics_stay(), only_names_of_batches_are_read())
