#include "client.h"

#include <exception>
#include <utility>
#include <vector>

#include "client/encode.h"
#include "client/lifecycle.h"
#include "client/now.h"
#include "client/transport.h"

namespace argus::client {

namespace {

// Flushers of parents: in the child of a fork they are in an unknown state, and are never touched or destroyed.
void bury(Flusher* flusher) {
  static std::vector<Flusher*>* const graveyard = new std::vector<Flusher*>;  // NOLINT(cppcoreguidelines-owning-memory)
  graveyard->push_back(flusher);
}

}  // namespace

Client::Client(core::Registry& registry, Settings settings, const Diagnostics& diagnostics)
    : registry_(registry), settings_(std::move(settings)), diagnostics_(diagnostics) {
  registry_.set_constant_tags(settings_.tags);
  start();
  lifecycle::watch(this);
}

Client::~Client() {
  lifecycle::forget(this);
  finish(kExitSeconds);
}

void Client::start() {
  if (settings_.url.empty()) return;
  auto transport = make_transport({settings_.url, settings_.api_key, settings_.ca_file});
  flusher_ = std::make_unique<Flusher>(registry_, queue_, settings_, diagnostics_, std::move(transport));
  flusher_->start();
}

void Client::log(argus_level level, std::string_view message, std::string_view logger, const argus_field* fields,
                 size_t count) {
  if (level < settings_.log_level || flusher_ == nullptr) return;
  queue_line(log_line(unix_now(), level, message, logger, fields, count), level == ARGUS_ERROR);
}

void Client::event(std::string_view name, std::string_view text, const argus_tag* tags, size_t count) {
  if (flusher_ == nullptr) return;
  std::vector<argus_field> fields;
  const auto add = [&](argus_string key, argus_string value) {
    argus_field field{};
    field.key = key;
    field.type = ARGUS_TEXT;
    field.value.text = value;
    fields.push_back(field);
  };
  add({"event", 5}, {name.data(), name.size()});
  for (size_t i = 0; i < count; ++i) add(tags[i].key, tags[i].value);
  queue_line(log_line(unix_now(), ARGUS_INFO, text, "argus.event", fields.data(), fields.size()), false);
}

void Client::queue_line(std::string line, bool urgent) noexcept {
  if (!flusher_->keep_line(line)) queue_.put(std::move(line));
  if (urgent || queue_.crowded() || flusher_->crowded()) flusher_->attend(urgent);
}

bool Client::flush(double timeout) { return flusher_ != nullptr && flusher_->flush(timeout); }

bool Client::finish(double timeout) { return flusher_ != nullptr && flusher_->finish(timeout); }

void Client::after_fork_in_child() {
  if (flusher_ != nullptr) flusher_->abandon();  // first: it lets go of the parent's flight file
  registry_.rebaseline();
  queue_.reset();
  if (flusher_ == nullptr) return;
  bury(flusher_.release());
  try {
    start();
  } catch (const std::exception& error) {
    diagnostics_.say(ARGUS_ERROR, std::string("monitoring ends in this child process: ") + error.what());
  }
}

}  // namespace argus::client
