// The program that docs/cpp.md begins with.
#include <argus/argus.hpp>
#include <chrono>
#include <string>

using namespace std::chrono_literals;

int main() {
  argus::Options options;
  options.tags = {{"env", "prod"}};
  argus::Client client(options);

  client.increment("chunks");
  client.gauge("fps", 60.0);
  client.timing("frame", 16ms);
  const std::string path = "rock.png";
  client.log(argus::Level::warning, "texture missing", {{"path", path}, {"tries", 3}});
  client.event("deploy", "v1.4");

  auto chunks = client.counter("chunks", {{"biome", "alps"}});
  chunks.increment();
  auto frame = client.timer("frame");
  { auto scope = frame.start(); }
  return client.flush(5s) ? 0 : 1;
}
