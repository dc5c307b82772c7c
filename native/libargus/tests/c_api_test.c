/* The C interface, used from C alone. */
#include <argus/argus.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

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

static void records_by_handle_and_by_name_meet(void) {
  argus_registry* registry = argus_registry_new(NULL);
  argus_tag tag;
  argus_series* orders;
  argus_window* window;
  argus_summary row;
  tag.key = text("shop");
  tag.value = text("oslo");
  orders = argus_series_new(registry, ARGUS_COUNTER, text("orders"), &tag, 1);
  CHECK(orders != NULL);
  argus_counter_add(orders, 2.0);
  CHECK(argus_increment(registry, text("orders"), 3.0, &tag, 1) == ARGUS_OK);
  CHECK(argus_gauge(registry, text("queue"), 7.0, NULL, 0) == ARGUS_OK);
  CHECK(argus_timing(registry, text("pay"), 0.021, NULL, 0) == ARGUS_OK);
  window = argus_drain(registry);
  CHECK(argus_window_size(window, ARGUS_COUNTER) == 1);
  CHECK(argus_window_row(window, ARGUS_COUNTER, 0, &row) == ARGUS_OK);
  CHECK(row.sum == 5.0 && row.count == 2);
  CHECK(row.key.size == strlen("orders{shop=oslo}") && memcmp(row.key.data, "orders{shop=oslo}", row.key.size) == 0);
  CHECK(argus_window_row(window, ARGUS_TIMING, 0, &row) == ARGUS_OK);
  CHECK(row.bin_count == 1 && row.bins[0].index == argus_bin_index(0.021));
  CHECK(argus_window_row(window, ARGUS_GAUGE, 1, &row) == ARGUS_INVALID);
  argus_window_free(window);
  argus_series_free(orders);
  argus_registry_free(registry);
}

static void mistakes_are_answered_in_words(void) {
  argus_registry* registry = argus_registry_new(NULL);
  argus_options options;
  CHECK(argus_increment(registry, text(""), 1.0, NULL, 0) == ARGUS_INVALID);
  CHECK(strcmp(argus_last_error(), "the name is empty") == 0);
  options.size = 1;
  options.max_series = 0;
  options.idle_windows = 0;
  CHECK(argus_registry_new(&options) == NULL);
  CHECK(strstr(argus_last_error(), "size") != NULL);
  argus_registry_free(registry);
  argus_registry_free(NULL);
  argus_series_free(NULL);
}

int main(void) {
  CHECK(argus_abi_version() == ARGUS_ABI_VERSION);
  records_by_handle_and_by_name_meet();
  mistakes_are_answered_in_words();
  puts(failures == 0 ? "ok" : "FAILED");
  return failures == 0 ? 0 : 1;
}
