#include "answer.h"

#include <algorithm>
#include <cstdlib>

namespace argus::client {

namespace {

constexpr int kDeepest = 32;
constexpr size_t kLongestText = 1'000;
constexpr double kLongestPause = 3'600.0;

// Walks over JSON without building anything: `skip` passes one value, `object` and `array` hand their parts to a
// function. After anything that is no JSON `ok` is false, and everything further does nothing.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_(text) {}

  bool ok() const noexcept { return ok_; }

  // Calls `member(name)` at each member's value; it must pass over the value.
  template <typename Member>
  void object(Member member) {
    sequence('{', '}', [&] {
      const std::string name = text();
      expect(':');
      if (ok_) member(std::string_view(name));
    });
  }

  // Calls `item()` at each item; it must pass over it.
  template <typename Item>
  void array(Item item) {
    sequence('[', ']', item);
  }

  bool at(char c) noexcept {
    blank();
    return ok_ && at_ < text_.size() && text_[at_] == c;
  }

  // Passes one value; returns its source.
  std::string_view skip() {
    blank();
    const size_t begin = at_;
    if (at('{')) {
      object([&](std::string_view) { skip(); });
    } else if (at('[')) {
      array([&] { skip(); });
    } else if (at('"')) {
      text();
    } else {
      word();
    }
    return ok_ ? text_.substr(begin, at_ - begin) : std::string_view();
  }

  // A string's text, its beginning if it is long. Escapes of one character are undone; \uXXXX stays as it is written.
  std::string text() {
    std::string result;
    expect('"');
    while (ok_) {
      if (at_ >= text_.size()) return fail(), result;
      char c = text_[at_++];
      if (c == '"') break;
      if (c == '\\') {
        if (at_ >= text_.size()) return fail(), result;
        c = unescaped(text_[at_++]);
        if (c == 'u') add(result, '\\');
      }
      add(result, c);
    }
    return result;
  }

 private:
  template <typename Part>
  void sequence(char open, char close, Part part) {
    expect(open);
    if (++depth_ > kDeepest) fail();
    if (!at(close)) {
      while (ok_) {
        part();
        if (!at(',')) break;
        ++at_;
      }
    }
    expect(close);
    --depth_;
  }

  static char unescaped(char c) noexcept {
    switch (c) {
      case 'n': return '\n';
      case 't': return '\t';
      case 'r': return '\r';
      default: return c;
    }
  }

  static void add(std::string& result, char c) {
    if (result.size() < kLongestText) result += c;
  }

  void word() noexcept {
    const size_t begin = at_;
    constexpr std::string_view kEnds = ",]} \t\r\n";
    while (at_ < text_.size() && kEnds.find(text_[at_]) == std::string_view::npos) ++at_;
    if (at_ == begin) fail();
  }

  void blank() noexcept {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  void expect(char c) noexcept {
    if (at(c)) {
      ++at_;
    } else {
      fail();
    }
  }

  void fail() noexcept { ok_ = false; }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  bool ok_ = true;
};

void read_rejected(Reader& reader, Words& words) {
  if (!reader.at('[')) {
    reader.skip();
    return;
  }
  reader.array([&] {
    const std::string_view row = reader.skip();
    if (words.rejected++ == 0) words.first_rejected = row.substr(0, kLongestText);
  });
}

void read_error(Reader& reader, Words& words) {
  if (!reader.at('{')) {
    reader.skip();
    return;
  }
  reader.object([&](std::string_view name) {
    const bool known = name == "message" || name == "where";
    if (!known || !reader.at('"')) {
      reader.skip();
    } else {
      (name == "message" ? words.message : words.where) = reader.text();
    }
  });
}

}  // namespace

Words words_of(std::string_view body) {
  Words words;
  Reader reader(body);
  if (!reader.at('{')) return words;
  reader.object([&](std::string_view name) {
    if (name == "rejected") {
      read_rejected(reader, words);
    } else if (name == "error") {
      read_error(reader, words);
    } else {
      words.accepted = words.accepted || name == "accepted";
      reader.skip();
    }
  });
  return reader.ok() ? words : Words{};
}

double read_retry_after(std::string_view header) {
  constexpr size_t kLongestNumber = 32;
  const std::string text(header.substr(0, kLongestNumber));  // strtod wants an end
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  const bool whole = end != text.c_str() && std::string_view(end).find_first_not_of(" \r\n") == std::string_view::npos;
  return whole && seconds > 0.0 ? std::min(seconds, kLongestPause) : 0.0;
}

}  // namespace argus::client
