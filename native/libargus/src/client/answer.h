// What the server said to a batch, and the few words of it that the client acts on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace argus::client {

struct Answer {
  int status = 0;
  std::string body;
  double retry_after = 0.0;  // seconds, 0 where the header is missing
};

struct Words {
  bool accepted = false;       // it is Argus that has answered: it says how much it accepted
  uint64_t rejected = 0;       // rows of the batch that were not taken
  std::string first_rejected;  // the first of them, as JSON
  std::string message;         // of an error
  std::string where;
};

// Reads a body of foreign bytes. What is no JSON object, such as a proxy's page, has no words; never throws but for
// exhausted memory.
Words words_of(std::string_view body);

// Seconds of a Retry-After header, at most an hour; 0 for its date form, and for what is no number.
double read_retry_after(std::string_view header);

}  // namespace argus::client
