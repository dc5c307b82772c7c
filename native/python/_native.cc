// argus.aggregate._native: the CPython extension over libargus' core.
//
// The record verbs are METH_FASTCALL and parse their arguments by hand: name → cell is one look-up in a table keyed by
// the name's cached hash, and recording is a few stores. Nothing here runs Python code between look-up and record, so a
// signal handler, a finaliser or a GC callback that records cannot find the aggregator half changed.
#include <string>

#include "aggregator.h"
#include "values.h"

namespace argus::python {

namespace {

using core::Kind;

struct Call {
  PyObject* name = nullptr;
  PyObject* value = nullptr;  // nullptr: not given
  PyObject* tags = nullptr;   // a dict, or nullptr
};

// Interned once: keyword names of compiled code are interned too, so comparing pointers finds them.
PyObject* kName;
PyObject* kValue;
PyObject* kSeconds;
PyObject* kTags;

bool same_keyword(PyObject* given, PyObject* known) { return given == known || PyUnicode_Compare(given, known) == 0; }

bool take(Call* call, PyObject* keyword, PyObject* argument, const char* verb) {
  PyObject** place = nullptr;
  if (same_keyword(keyword, kTags)) {
    place = &call->tags;
  } else if (same_keyword(keyword, kValue) || same_keyword(keyword, kSeconds)) {
    place = &call->value;
  } else if (same_keyword(keyword, kName)) {
    place = &call->name;
  }
  if (place == nullptr) {
    PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument %R", verb, keyword);
    return false;
  }
  if (*place != nullptr) {
    PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument %R", verb, keyword);
    return false;
  }
  *place = argument;
  return true;
}

// verb(name, value, tags); for handles there is no value: verb(name, tags).
bool parse(Call* call, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords, const char* verb,
           bool with_value) {
  const Py_ssize_t most = with_value ? 3 : 2;
  if (count > most) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most %zd arguments (%zd given)", verb, most, count);
    return false;
  }
  if (count > 0) call->name = arguments[0];
  if (with_value && count > 1) call->value = arguments[1];
  if (count == most) call->tags = arguments[most - 1];
  const Py_ssize_t named = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
  for (Py_ssize_t i = 0; i < named; ++i) {
    if (!take(call, PyTuple_GET_ITEM(keywords, i), arguments[count + i], verb)) return false;
  }
  if (call->name == nullptr) {
    PyErr_Format(PyExc_TypeError, "%s() missing the argument 'name'", verb);
    return false;
  }
  if (call->tags == Py_None) call->tags = nullptr;
  return true;
}

void* make_cell(core::Shard& shard, Kind kind, uint32_t slot) {
  switch (kind) {
    case Kind::counter: return shard.counter(slot);
    case Kind::gauge: return shard.gauge(slot);
    case Kind::timing: return shard.timing(slot);
  }
  return nullptr;
}

bool resolve(Aggregator* self, Kind kind, const Call& call, bool pin, uint32_t* slot) {
  std::string_view name;
  TagArray tags;
  size_t count;
  if (!to_key(call.name, call.tags, &name, &tags, &count)) return false;
  try {
    *slot = self->registry->resolve(kind, name, tags.data(), count, pin);
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
    return false;
  }
  return true;
}

// The slow path of a record by name: a name or tags that the table does not know.
bool learn(Aggregator* self, Kind kind, const Call& call, Py_hash_t hash, uint32_t* slot) {
  if (!resolve(self, kind, call, false, slot)) return false;
  const bool plain = PyUnicode_CheckExact(call.name) && (call.tags == nullptr || PyDict_CheckExact(call.tags));
  if (!plain) return true;
  void* cell = make_cell(self->writer(), kind, *slot);
  (*self->names)[static_cast<size_t>(kind)].insert(hash, call.name, call.tags, cell, *slot);
  return true;
}

// The cell of name and tags in the calling writer's shard, or nullptr with an exception set.
void* cell_of(Aggregator* self, Kind kind, const Call& call) {
  const bool plain = PyUnicode_CheckExact(call.name) && (call.tags == nullptr || PyDict_CheckExact(call.tags));
  NameTable& table = (*self->names)[static_cast<size_t>(kind)];
  uint32_t slot = 0;
  void* cell = nullptr;
  bool found = false;
  bool known = true;
  ARGUS_BEGIN_NAMES(reinterpret_cast<PyObject*>(self))
  Py_hash_t hash = -1;
  const NameTable::Entry* entry = plain ? table.find(call.name, call.tags, &hash) : nullptr;
  if (entry != nullptr) {
    slot = entry->slot;
    cell = entry->cell;
    found = true;
  } else {
    known = learn(self, kind, call, hash, &slot);
  }
  ARGUS_END_NAMES()
  if (!known) return nullptr;
#ifdef Py_GIL_DISABLED
  found = false;
#endif
  return found ? cell : make_cell(self->writer(), kind, slot);
}

bool number_of(const Call& call, const char* verb, const char* argument, double* value) {
  if (call.value != nullptr) return to_double(call.value, value);
  PyErr_Format(PyExc_TypeError, "%s() missing the argument '%s'", verb, argument);
  return false;
}

PyObject* aggregator_increment(PyObject* object, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
  Aggregator* self = reinterpret_cast<Aggregator*>(object);
  Call call;
  double value = 1.0;
  if (!parse(&call, arguments, count, keywords, "increment", true)) return nullptr;
  if (call.value != nullptr && !to_double(call.value, &value)) return nullptr;
  void* cell = cell_of(self, Kind::counter, call);
  if (cell == nullptr && PyErr_Occurred()) return nullptr;
  self->writer().add(static_cast<core::CounterCell*>(cell), value);
  Py_RETURN_NONE;
}

PyObject* aggregator_gauge(PyObject* object, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
  Aggregator* self = reinterpret_cast<Aggregator*>(object);
  Call call;
  double value;
  if (!parse(&call, arguments, count, keywords, "gauge", true)) return nullptr;
  if (!number_of(call, "gauge", "value", &value)) return nullptr;
  void* cell = cell_of(self, Kind::gauge, call);
  if (cell == nullptr && PyErr_Occurred()) return nullptr;
  self->writer().set(static_cast<core::GaugeCell*>(cell), value);
  Py_RETURN_NONE;
}

PyObject* aggregator_timing(PyObject* object, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
  Aggregator* self = reinterpret_cast<Aggregator*>(object);
  Call call;
  double seconds;
  if (!parse(&call, arguments, count, keywords, "timing", true)) return nullptr;
  if (!number_of(call, "timing", "seconds", &seconds)) return nullptr;
  void* cell = cell_of(self, Kind::timing, call);
  if (cell == nullptr && PyErr_Occurred()) return nullptr;
  self->writer().record(static_cast<core::TimingCell*>(cell), seconds);
  Py_RETURN_NONE;
}

PyObject* aggregator_counter(PyObject* object, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
  Aggregator* self = reinterpret_cast<Aggregator*>(object);
  Call call;
  uint32_t slot;
  if (!parse(&call, arguments, count, keywords, "counter", false)) return nullptr;
  return resolve(self, Kind::counter, call, true, &slot) ? new_counter(self, slot) : nullptr;
}

PyObject* aggregator_timer(PyObject* object, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
  Aggregator* self = reinterpret_cast<Aggregator*>(object);
  Call call;
  uint32_t slot;
  if (!parse(&call, arguments, count, keywords, "timer", false)) return nullptr;
  return resolve(self, Kind::timing, call, true, &slot) ? new_timer(self, slot) : nullptr;
}

PyObject* aggregator_set_constant_tags(PyObject* object, PyObject* tags) {
  Aggregator* self = reinterpret_cast<Aggregator*>(object);
  std::string_view name;
  TagArray views;
  size_t count;
  PyObject* label = PyUnicode_FromString("constant tags");
  if (label == nullptr) return nullptr;
  const bool right = to_key(label, tags, &name, &views, &count);
  Py_DECREF(label);
  if (!right) return nullptr;
  self->registry->set_constant_tags(core::sorted(views.data(), count));
  Py_RETURN_NONE;
}

// Cells of expired series must not be found by name again.
void forget_expired(Aggregator* self) {
  const uint64_t generation = self->registry->generation();
  if (generation == self->generation) return;
  self->generation = generation;
  ARGUS_BEGIN_NAMES(reinterpret_cast<PyObject*>(self))
  for (NameTable& table : *self->names) table.clear();
  ARGUS_END_NAMES()
}

PyObject* collected(PyObject* object, PyObject* const* arguments, Py_ssize_t count, bool consume) {
  Aggregator* self = reinterpret_cast<Aggregator*>(object);
  if (count != 2) {
    PyErr_Format(PyExc_TypeError, "%s() takes start and end (%zd arguments given)", consume ? "drain" : "peek", count);
    return nullptr;
  }
  try {
    const core::Window window = consume ? self->registry->drain() : self->registry->peek();
    forget_expired(self);
    return window_object(state_of(Py_TYPE(object)), self->keys, window, arguments[0], arguments[1]);
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  }
}

PyObject* aggregator_drain(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  return collected(object, arguments, count, true);
}

PyObject* aggregator_peek(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  return collected(object, arguments, count, false);
}

PyObject* aggregator_rebaseline(PyObject* object, PyObject* /*unused*/) {
  Aggregator* self = reinterpret_cast<Aggregator*>(object);
  self->registry->rebaseline();
  forget_expired(self);
  Py_RETURN_NONE;
}

PyObject* aggregator_record_into(PyObject* object, PyObject* recorder) {
  return record_into(reinterpret_cast<Aggregator*>(object), recorder);
}

PyObject* aggregator_stats(PyObject* object, PyObject* /*unused*/) {
  const core::Stats now = reinterpret_cast<Aggregator*>(object)->registry->stats();
  PyObject* type = state_of(Py_TYPE(object))->stats;
  return PyObject_CallFunction(
      type, "KKKK", static_cast<unsigned long long>(now.series), static_cast<unsigned long long>(now.rejected),
      static_cast<unsigned long long>(now.overflowed), static_cast<unsigned long long>(now.expired));
}

PyObject* aggregator_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"max_series", "idle_windows", nullptr};
  core::Options options;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|II", const_cast<char**>(names), &options.max_series,
                                   &options.idle_windows)) {
    return nullptr;
  }
  Aggregator* self = reinterpret_cast<Aggregator*>(type->tp_alloc(type, 0));
  if (self == nullptr) return nullptr;
  try {
    self->registry = new core::Registry(options);
    self->names = new std::array<NameTable, core::kKinds>;
    self->keys = new KeyCaches;
    self->shard = &self->registry->take_shard();
  } catch (const std::bad_alloc&) {
    Py_DECREF(reinterpret_cast<PyObject*>(self));
    return PyErr_NoMemory();
  }
  return reinterpret_cast<PyObject*>(self);
}

void aggregator_dealloc(PyObject* object) {
  Aggregator* self = reinterpret_cast<Aggregator*>(object);
  PyTypeObject* type = Py_TYPE(object);
  if (self->keys != nullptr) {
    for (auto& cache : *self->keys) {
      for (CachedKey& key : cache) Py_XDECREF(key.text);
    }
  }
  delete self->keys;
  delete self->names;
  delete self->registry;
  type->tp_free(object);
  Py_DECREF(type);
}

template <typename Function>
PyCFunction as_method(Function function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

constexpr int kNamed = METH_FASTCALL | METH_KEYWORDS;

PyMethodDef methods[] = {
    {"increment", as_method(aggregator_increment), kNamed,
     "increment($self, /, name, value=1, tags=None)\n--\n\n"
     "Add value (finite, not negative) to the counter of that name and tags."},
    {"gauge", as_method(aggregator_gauge), kNamed,
     "gauge($self, /, name, value, tags=None)\n--\n\nSet the gauge of that name and tags to value (finite)."},
    {"timing", as_method(aggregator_timing), kNamed,
     "timing($self, /, name, seconds, tags=None)\n--\n\n"
     "Record a duration in seconds (finite, not negative) in the timing of that name and tags."},
    {"counter", as_method(aggregator_counter), kNamed,
     "counter($self, /, name, tags=None)\n--\n\nReturn the handle of a counter: the fastest way to record."},
    {"timer", as_method(aggregator_timer), kNamed,
     "timer($self, /, name, tags=None)\n--\n\nReturn the handle of a timing; `with timer:` times a block."},
    {"set_constant_tags", aggregator_set_constant_tags, METH_O,
     "set_constant_tags($self, tags, /)\n--\n\nGive every series these tags."},
    {"drain", as_method(aggregator_drain), METH_FASTCALL,
     "drain($self, start, end, /)\n--\n\nReturn what was recorded since the last drain."},
    {"peek", as_method(aggregator_peek), METH_FASTCALL,
     "peek($self, start, end, /)\n--\n\nReturn what the next drain would, and leave it there."},
    {"rebaseline", aggregator_rebaseline, METH_NOARGS,
     "rebaseline($self)\n--\n\nForget what was recorded and not drained: for the child after a fork."},
    {"record_into", aggregator_record_into, METH_O,
     "record_into($self, recorder, /)\n--\n\nKeep what is recorded in the recorder's file, too."},
    {"stats", aggregator_stats, METH_NOARGS, "stats($self)\n--\n\nReturn what the aggregator did so far."},
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {{Py_tp_doc, const_cast<char*>("The aggregator over libargus; see argus.aggregate.base.")},
                       {Py_tp_new, reinterpret_cast<void*>(aggregator_new)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(aggregator_dealloc)},
                       {Py_tp_methods, methods},
                       {0, nullptr}};

}  // namespace

PyType_Spec aggregator_spec = {"argus.aggregate._native.NativeAggregator", sizeof(Aggregator), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};

ModuleState* state_of(PyTypeObject* type) { return static_cast<ModuleState*>(PyType_GetModuleState(type)); }

namespace {

PyTypeObject* add_type(PyObject* module, PyType_Spec* spec) {
  PyObject* type = PyType_FromModuleAndSpec(module, spec, nullptr);
  if (type != nullptr && PyModule_AddType(module, reinterpret_cast<PyTypeObject*>(type)) < 0) Py_CLEAR(type);
  return reinterpret_cast<PyTypeObject*>(type);
}

/** Import beside `module`, in whatever package that was loaded: `argus run` gives the package a private name. */
PyObject* attribute_of(PyObject* module, const char* sibling, const char* attribute) {
  const char* own_name = PyModule_GetName(module);
  if (own_name == nullptr) return nullptr;
  std::string name(own_name);
  name.replace(name.rfind('.') + 1, std::string::npos, sibling);
  PyObject* imported = PyImport_ImportModule(name.c_str());
  if (imported == nullptr) return nullptr;
  PyObject* value = PyObject_GetAttrString(imported, attribute);
  Py_DECREF(imported);
  return value;
}

int execute(PyObject* module) {
  ModuleState* state = static_cast<ModuleState*>(PyModule_GetState(module));
  kName = PyUnicode_InternFromString("name");
  kValue = PyUnicode_InternFromString("value");
  kSeconds = PyUnicode_InternFromString("seconds");
  kTags = PyUnicode_InternFromString("tags");
  state->aggregator = add_type(module, &aggregator_spec);
  state->counter = add_type(module, &counter_spec);
  state->timer = add_type(module, &timer_spec);
  state->recorder = add_type(module, &recorder_spec);
  if (!add_request(module)) return -1;
  state->window = attribute_of(module, "summary", "Window");
  state->counters = attribute_of(module, "summary", "Counters");
  state->gauges = attribute_of(module, "summary", "Gauges");
  state->timings = attribute_of(module, "summary", "Timings");
  state->stats = attribute_of(module, "base", "Stats");
  return PyErr_Occurred() == nullptr ? 0 : -1;
}

int traverse(PyObject* module, visitproc visit, void* arg) {
  ModuleState* state = static_cast<ModuleState*>(PyModule_GetState(module));
  Py_VISIT(state->aggregator);
  Py_VISIT(state->counter);
  Py_VISIT(state->timer);
  Py_VISIT(state->recorder);
  Py_VISIT(state->window);
  Py_VISIT(state->counters);
  Py_VISIT(state->gauges);
  Py_VISIT(state->timings);
  Py_VISIT(state->stats);
  return 0;
}

PyModuleDef_Slot module_slots[] = {{Py_mod_exec, reinterpret_cast<void*>(execute)},
#ifdef Py_GIL_DISABLED
                                   {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
                                   {0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "argus.aggregate._native",
                          "The native aggregator. Use it through argus.aggregate.choose.",
                          sizeof(ModuleState),
                          flight_functions,
                          module_slots,
                          traverse,
                          nullptr,
                          nullptr};

}  // namespace

}  // namespace argus::python

PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&argus::python::definition); }
