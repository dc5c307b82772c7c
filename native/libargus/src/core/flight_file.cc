#include "flight_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <system_error>

#include "pages.h"

#if !defined(_WIN32)
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace argus::core {

namespace {

[[noreturn]] void fail_flight(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

template <size_t N>
void copy_text(const std::string& from, std::array<char, N>& to) {
  if (from.size() >= N) fail_flight(ENAMETOOLONG, "the flight recorder has no room for the name " + from);
  std::memcpy(to.data(), from.data(), from.size());
}

}  // namespace

#if defined(_WIN32)

FlightFile::FlightFile(const std::string& path, const FlightIdentity& /*identity*/) : path_(path) {
  fail_flight(ENOTSUP, "the flight recorder needs Linux or macOS");
}
FlightFile::~FlightFile() = default;
bool FlightFile::adopt(Name /*name*/, void* /*pages*/, size_t /*bytes*/) noexcept { return false; }
FlightFile::Chunk FlightFile::enter(Name /*name*/, void* /*pages*/, size_t /*bytes*/) noexcept { return {}; }
void FlightFile::count_overflow() noexcept {}
void FlightFile::close() noexcept {}
void FlightFile::leave() noexcept {}
void FlightFile::forget_mappings() noexcept {}
std::string boot_name() { return {}; }

#else

namespace {

// All files of this process, for the moment of a fork. A table without a lock: the child has no use for one.
std::array<std::atomic<FlightFile*>, 64>& flight_files() noexcept {
  static std::array<std::atomic<FlightFile*>, 64> files{};
  return files;
}

void leave_flight_files() {
  for (std::atomic<FlightFile*>& file : flight_files()) {
    FlightFile* const inherited = file.load(std::memory_order_acquire);
    if (inherited != nullptr) inherited->leave();
  }
}

// A record in a signal handler may need a chunk: the program that was interrupted keeps its errno.
class ErrnoKept {
 public:
  ErrnoKept() noexcept = default;
  ~ErrnoKept() { errno = kept_; }
  ErrnoKept(const ErrnoKept&) = delete;
  ErrnoKept& operator=(const ErrnoKept&) = delete;

 private:
  const int kept_ = errno;
};

uint64_t round_up(uint64_t bytes, uint64_t unit) noexcept { return (bytes + unit - 1) / unit * unit; }

void* map_shared(void* at, size_t bytes, int file, uint64_t offset) noexcept {
  const int flags = MAP_SHARED | (at != nullptr ? MAP_FIXED : 0);
  void* const pages = mmap(at, bytes, PROT_READ | PROT_WRITE, flags, file, static_cast<off_t>(offset));
  return pages == MAP_FAILED ? nullptr : pages;
}

// It replaces what is mapped there, so it needs no memory that was not there before.
void replace_by_zeros(void* pages, size_t bytes) noexcept {
  (void)mmap(pages, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

}  // namespace

FlightFile::FlightFile(const std::string& path, const FlightIdentity& identity) : path_(path) {
  constexpr mode_t kOwnerOnly = 0600;
  page_ = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  rlimit most{};  // to grow a file over it raises SIGXFSZ, which ends the program
  if (getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur != RLIM_INFINITY)
    limit_ = std::min<uint64_t>(limit_, most.rlim_cur);
  const uint64_t head = round_up(flight::kHeadBytes, page_);
  if (head > limit_) fail_flight(EFBIG, "no flight recorder: files may not grow to its size here (ulimit -f)");
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (file_ < 0) fail_flight(errno, "no flight recorder: cannot make " + path);
  end_.store(head, std::memory_order_relaxed);
  int problem = 0;
  if (!reserve(0, head)) {
    problem = errno;
  } else {
    head_ = static_cast<std::byte*>(map_shared(nullptr, head, file_, 0));
    mappings_ = static_cast<Mapping*>(zeroed_pages(flight::kMostEntries * sizeof(Mapping)));
    if (head_ == nullptr || mappings_ == nullptr) problem = ENOMEM;
  }
  try {
    if (problem != 0) fail_flight(problem, "no flight recorder: cannot map " + path);
    write_header(identity);
    enroll();
  } catch (...) {
    free_pages(mappings_, flight::kMostEntries * sizeof(Mapping));
    free_pages(head_, head);
    ::close(file_);
    ::unlink(path.c_str());
    throw;
  }
  live_.store(true, std::memory_order_release);
}

FlightFile::~FlightFile() {
  strike();
  if (file_ >= 0) ::close(file_);
  free_pages(mappings_, flight::kMostEntries * sizeof(Mapping));
  free_pages(head_, round_up(flight::kHeadBytes, page_));
}

void FlightFile::write_header(const FlightIdentity& identity) {
  auto& header = *reinterpret_cast<flight::Header*>(head_);
  header.version = flight::kVersion;
  header.order = flight::kOrder;
  header.commits_at = flight::kCommitsAt;
  header.entries_at = flight::kEntriesAt;
  header.lines_at = flight::kLinesAt;
  header.interval = identity.interval;
  copy_text(boot_name(), header.boot);
  copy_text(identity.sdk, header.sdk);
  copy_text(identity.host, header.host);
  copy_text(identity.instance, header.instance);
  std::atomic_thread_fence(std::memory_order_release);
  header.magic = flight::kMagic;
}

void FlightFile::enroll() {
  static std::once_flag once;
  std::call_once(once, [] { pthread_atfork(nullptr, nullptr, leave_flight_files); });
  for (std::atomic<FlightFile*>& place : flight_files()) {
    FlightFile* nobody = nullptr;
    if (place.compare_exchange_strong(nobody, this, std::memory_order_acq_rel)) return;
  }
  fail_flight(EMFILE, "no flight recorder: this process has too many of them");
}

void FlightFile::strike() noexcept {
  for (std::atomic<FlightFile*>& place : flight_files()) {
    FlightFile* mine = this;
    place.compare_exchange_strong(mine, nullptr, std::memory_order_acq_rel);
  }
}

bool FlightFile::adopt(Name name, void* pages, size_t bytes) noexcept {
  for (const std::atomic<FlightFile*>& place : flight_files()) {
    FlightFile* const other = place.load(std::memory_order_acquire);
    if (other != nullptr) other->forget(pages);
  }
  return enter(name, pages, bytes).pages != nullptr;
}

FlightFile::Chunk FlightFile::enter(Name name, void* pages, size_t bytes) noexcept {
  const ErrnoKept kept;
  if (!live()) return {};
  const uint32_t number = entries_.fetch_add(1, std::memory_order_relaxed);
  const uint64_t size = round_up(bytes, page_);
  const uint64_t at = number < flight::kMostEntries ? end_.fetch_add(size, std::memory_order_relaxed) : limit_;
  void* mapped = nullptr;
  if (at + size <= limit_ && reserve(at, size) && (pages == nullptr || write(pages, bytes, at))) {
    mapped = map_shared(pages, size, file_, at);
  }
  if (mapped == nullptr) {
    count_overflow();
    return {};
  }
  mappings_[number].bytes = size;
  mappings_[number].pages.store(mapped, std::memory_order_release);
  auto* const entries = reinterpret_cast<flight::Entry*>(head_ + flight::kEntriesAt);
  flight::Entry& entry = entries[number];
  entry.owner = name.owner;
  entry.chunk = name.chunk;
  entry.at = at;
  entry.bytes = bytes;
  // release: who finds the part finds the rest.
  entry.part.store(static_cast<uint32_t>(name.part), std::memory_order_release);
  return {mapped, at};
}

bool FlightFile::reserve(uint64_t at, uint64_t bytes) const noexcept {
#if defined(__linux__)
  int failed = 0;
  do {
    failed = fallocate(file_, 0, static_cast<off_t>(at), static_cast<off_t>(bytes));
  } while (failed != 0 && errno == EINTR);
  if (failed == 0) return true;
  if (errno != EOPNOTSUPP && errno != ENOSYS) return false;
#endif
  static constexpr std::array<char, 4096> kZeros{};
  for (uint64_t done = 0; done < bytes; done += kZeros.size()) {
    if (!write(kZeros.data(), std::min<uint64_t>(kZeros.size(), bytes - done), at + done)) return false;
  }
  return true;
}

bool FlightFile::write(const void* from, size_t bytes, uint64_t at) const noexcept {
  const auto* rest = static_cast<const char*>(from);
  while (bytes != 0) {
    const ssize_t written = pwrite(file_, rest, bytes, static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    rest += written;
    bytes -= static_cast<size_t>(written);
    at += static_cast<uint64_t>(written);
  }
  return true;
}

void FlightFile::count_overflow() noexcept { commits().overflows.fetch_add(1, std::memory_order_relaxed); }

void FlightFile::close() noexcept {
  if (live_.exchange(false, std::memory_order_acq_rel)) ::unlink(path_.c_str());
}

void FlightFile::leave() noexcept {
  if (left_.exchange(true, std::memory_order_acq_rel)) return;
  live_.store(false, std::memory_order_release);
  for (uint32_t number = 0; number < flight::kMostEntries; ++number) {
    void* const pages = mappings_[number].pages.exchange(nullptr, std::memory_order_acq_rel);
    if (pages != nullptr) replace_by_zeros(pages, mappings_[number].bytes);
  }
  replace_by_zeros(head_, round_up(flight::kHeadBytes, page_));
  ::close(file_);
  file_ = -1;
}

void FlightFile::forget(const void* pages) noexcept {
  for (uint32_t number = 0; number < flight::kMostEntries; ++number) {
    if (mappings_[number].pages.load(std::memory_order_relaxed) == pages) mappings_[number].pages.store(nullptr);
  }
}

void FlightFile::forget_mappings() noexcept {
  for (uint32_t number = 0; number < flight::kMostEntries; ++number) mappings_[number].pages.store(nullptr);
}

std::string boot_name() {
  std::array<char, 64> name{};
#if defined(__APPLE__)
  size_t size = name.size() - 1;
  if (sysctlbyname("kern.bootsessionuuid", name.data(), &size, nullptr, 0) != 0) return {};
#else
  const int file = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const ssize_t size = ::read(file, name.data(), name.size() - 1);
  ::close(file);
  if (size <= 0) return {};
  name[std::min(static_cast<size_t>(size), std::strcspn(name.data(), "\n"))] = '\0';
#endif
  return name.data();
}

#endif

}  // namespace argus::core
