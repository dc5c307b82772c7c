// The C interface of the client. Each function is a thin cover that lets no exception out.
#include <memory>
#include <string>
#include <vector>

#include "argus/client.h"
#include "c_guard.h"
#include "client/client.h"
#include "client/utf8.h"

using argus::c::check;
using argus::c::fail;
using argus::c::guarded;
using argus::c::read_options;
using argus::c::TagArray;
using argus::c::view;

struct argus_client {
  std::unique_ptr<argus_registry, void (*)(argus_registry*)> registry;
  argus::client::Client core;
};

extern "C" {

argus_client* argus_client_new(const argus_client_options* options) {
  argus_client* client = nullptr;
  guarded([&] {
    argus_client_options chosen;
    if (!read_options(options, chosen)) return ARGUS_INVALID;
    const argus::client::Diagnostics diagnostics(chosen.diagnostic, chosen.diagnostic_context);
    argus::client::Settings settings = argus::client::resolve(chosen, argus::client::environment, diagnostics);
    argus_registry* const registry = argus_registry_new(nullptr);
    if (registry == nullptr) return ARGUS_NO_MEMORY;
    std::unique_ptr<argus_registry, void (*)(argus_registry*)> owned(registry, argus_registry_free);
    client = new argus_client{std::move(owned), {argus::c::core_of(registry), std::move(settings), diagnostics}};
    return ARGUS_OK;
  });
  return client;
}

void argus_client_free(argus_client* client) { delete client; }

argus_registry* argus_client_registry(argus_client* client) { return client->registry.get(); }

int argus_flush(argus_client* client, double timeout) {
  bool complete = false;
  guarded([&] {
    complete = client->core.flush(timeout);
    return ARGUS_OK;
  });
  return complete ? 1 : 0;
}

argus_status argus_log(argus_client* client, argus_level level, argus_string message, argus_string logger,
                       const argus_field* fields, size_t field_count) {
  return guarded([&] {
    if (level < ARGUS_DEBUG || level > ARGUS_ERROR) return fail(ARGUS_INVALID, "there is no such argus_level");
    client->core.log(level, view(message), view(logger), fields, field_count);
    return ARGUS_OK;
  });
}

argus_status argus_event(argus_client* client, argus_string name, argus_string text, const argus_tag* tags,
                         size_t tag_count) {
  return guarded([&] {
    TagArray views;
    const argus_status status = check(name, tags, tag_count, views);
    if (status == ARGUS_OK) client->core.event(view(name), view(text), tags, tag_count);
    return status;
  });
}

}  // extern "C"
