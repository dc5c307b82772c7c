/* The client's C interface, used from C alone; what arrives at a server is tested through tests/support/libargus.py. */
#include <argus/client.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;
static int heard = 0;

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                             \
    }                                                                         \
  } while (0)

static argus_string text(const char* characters) {
  argus_string string;
  string.data = characters;
  string.size = strlen(characters);
  return string;
}

static void hear(void* context, argus_level level, argus_string message) {
  (void)context;
  CHECK(level >= ARGUS_DEBUG && level <= ARGUS_ERROR);
  CHECK(message.size > 0);
  ++heard;
}

static argus_client_options options_with_url(const char* url) {
  argus_client_options options;
  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  options.url = text(url);
  options.api_key = text("key");
  options.system_metrics = ARGUS_OFF;
  options.diagnostic = hear;
  return options;
}

static void every_verb_is_there(void) {
  argus_client_options options = options_with_url("http://127.0.0.1:9");
  argus_client* client = argus_client_new(&options);
  argus_registry* registry = argus_client_registry(client);
  argus_series* frames = argus_series_new(registry, ARGUS_TIMING, text("frame"), NULL, 0);
  argus_tag tag;
  argus_field field;
  uint64_t began;
  tag.key = text("env");
  tag.value = text("test");
  field.key = text("order");
  field.type = ARGUS_INTEGER;
  field.value.integer = 991;
  CHECK(client != NULL && registry != NULL && frames != NULL);
  CHECK(argus_increment(registry, text("orders"), 1.0, &tag, 1) == ARGUS_OK);
  began = argus_clock();
  argus_timer_record_since(frames, began);
  CHECK(argus_log(client, ARGUS_WARNING, text("slow"), text("shop"), &field, 1) == ARGUS_OK);
  CHECK(argus_event(client, text("deploy"), text("v1"), &tag, 1) == ARGUS_OK);
  CHECK(argus_flush(client, 1.0) == 0);
  argus_client_free(client);
  CHECK(heard == 1);
  argus_timer_record(frames, 1.0); /* a handle may outlive its client */
  argus_series_free(frames);
}

static void mistakes_are_answered_in_words(void) {
  argus_client_options options = options_with_url("localhost:8000");
  argus_client* client;
  CHECK(argus_client_new(&options) == NULL);
  CHECK(strstr(argus_last_error(), "option url must be an address") != NULL);
  options = options_with_url("http://127.0.0.1:9");
  options.size = sizeof options + 8;
  CHECK(argus_client_new(&options) == NULL);
  CHECK(strstr(argus_last_error(), "size") != NULL);
  options.size = 0;
  CHECK(argus_client_new(&options) == NULL);
  options = options_with_url("http://127.0.0.1:9");
  options.url = text("");
  client = argus_client_new(&options);
  CHECK(argus_log(client, (argus_level)9, text("x"), text(""), NULL, 0) == ARGUS_INVALID);
  CHECK(argus_event(client, text(""), text("x"), NULL, 0) == ARGUS_INVALID);
  CHECK(argus_increment(argus_client_registry(client), text(""), 1.0, NULL, 0) == ARGUS_INVALID);
  argus_client_free(client);
  argus_client_free(NULL);
}

static void options_of_an_older_header_are_understood(void) {
  argus_client_options options = options_with_url("");
  argus_client* client;
  options.ca_file = text("no such file"); /* lies behind what the program's header has */
  options.size = offsetof(argus_client_options, ca_file);
  client = argus_client_new(&options);
  CHECK(client != NULL);
  argus_client_free(client);
}

int main(void) {
  every_verb_is_there();
  options_of_an_older_header_are_understood();
  mistakes_are_answered_in_words();
  puts(failures == 0 ? "ok" : "FAILED");
  return failures == 0 ? 0 : 1;
}
