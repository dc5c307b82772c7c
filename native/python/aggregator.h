// The objects of the extension: the aggregator and its handles.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <array>
#include <vector>

#include "core/registry.h"
#include "name_table.h"

// Under the interpreter's lock one thread at a time records, so one shard serves all threads and a handle can keep its
// cell's address. Free-threaded builds look up the calling thread's shard, and guard the name tables.
#ifdef Py_GIL_DISABLED
#define ARGUS_BEGIN_NAMES(self) Py_BEGIN_CRITICAL_SECTION(self)
#define ARGUS_END_NAMES() Py_END_CRITICAL_SECTION()
#else
#define ARGUS_BEGIN_NAMES(self) {
#define ARGUS_END_NAMES() }
#endif

namespace argus::python {

// The str of a series' key, made once per series.
struct CachedKey {
  uint64_t serial = 0;
  PyObject* text = nullptr;  // owned
};

using KeyCaches = std::array<std::vector<CachedKey>, core::kKinds>;

struct Aggregator {
  PyObject_HEAD core::Registry* registry;
  core::Shard* shard;  // of the interpreter; unused on free-threaded builds
  std::array<NameTable, core::kKinds>* names;
  KeyCaches* keys;
  uint64_t generation;

  core::Shard& writer() {
#ifdef Py_GIL_DISABLED
    return registry->shard();
#else
    return *shard;
#endif
  }
};

struct Counter {
  PyObject_HEAD Aggregator* owner;  // owned
  core::CounterCell* cell;
  uint32_t slot;
};

// A block that is being timed, and by whom: threads and asyncio tasks may share one timer. A task runs in a context of
// its own, so thread and context tell them apart.
struct Running {
  const void* thread;
  const void* context;
  int64_t started;  // ns on the monotonic clock
};

struct Timer {
  PyObject_HEAD Aggregator* owner;  // owned
  core::TimingCell* cell;
  uint32_t slot;
  std::vector<Running>* running;
};

extern PyType_Spec aggregator_spec;
extern PyType_Spec counter_spec;
extern PyType_Spec timer_spec;
extern PyType_Spec recorder_spec;

// The module's functions: read_flight and boot_name.
extern PyMethodDef flight_functions[];

// The extension's types and the classes of argus.aggregate.summary; one per interpreter.
struct ModuleState {
  PyTypeObject* aggregator;
  PyTypeObject* counter;
  PyTypeObject* timer;
  PyTypeObject* recorder;
  PyObject* window;
  PyObject* counters;
  PyObject* gauges;
  PyObject* timings;
  PyObject* stats;
};

ModuleState* state_of(PyTypeObject* type);

// window.cc: a core window as argus.aggregate.summary.Window. Returns nullptr with an exception set.
// `caches` keep the keys from window to window; without them each is made anew.
PyObject* window_object(const ModuleState* state, KeyCaches* caches, const core::Window& window, PyObject* start,
                        PyObject* end);

// recording.cc: makes the aggregator record into the recorder's file. Returns nullptr with an exception set.
PyObject* record_into(Aggregator* self, PyObject* recorder);

// requests.cc: adds the type Request to the module. Returns false with an exception set.
bool add_request(PyObject* module);

// handles.cc: records into a timer, of this extension or of another backend. Returns false with an exception set.
bool record_duration(const ModuleState* state, PyObject* timer, double seconds);

// handles.cc: nanoseconds on the monotonic clock.
int64_t monotonic_ns();

// handles.cc: a new handle on a pinned series.
PyObject* new_counter(Aggregator* owner, uint32_t slot);
PyObject* new_timer(Aggregator* owner, uint32_t slot);

}  // namespace argus::python
