// Counter and Timer: handles that keep their cell's address, so that a record is a few stores.
#include <ctime>

#include "aggregator.h"
#include "values.h"

namespace argus::python {

int64_t monotonic_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

namespace {

core::CounterCell* cell_of(Counter* self) {
#ifdef Py_GIL_DISABLED
  return self->owner->writer().counter(self->slot);
#else
  return self->cell;
#endif
}

core::TimingCell* cell_of(Timer* self) {
#ifdef Py_GIL_DISABLED
  return self->owner->writer().timing(self->slot);
#else
  return self->cell;
#endif
}

// Not inlined: then an increment without an amount has no registers to save.
ARGUS_RARE PyObject* counter_add(Counter* self, PyObject* amount) {
  double value;
  if (!to_double(amount, &value)) return nullptr;
  self->owner->writer().add(cell_of(self), value);
  Py_RETURN_NONE;
}

PyObject* counter_increment(PyObject* object, PyObject* const* arguments, Py_ssize_t count) {
  Counter* self = reinterpret_cast<Counter*>(object);
  if (count == 0) {
    self->owner->writer().increment(cell_of(self));
    Py_RETURN_NONE;
  }
  if (count == 1) return counter_add(self, arguments[0]);
  PyErr_Format(PyExc_TypeError, "increment() takes at most 1 argument (%zd given)", count);
  return nullptr;
}

void counter_dealloc(PyObject* object) {
  Counter* self = reinterpret_cast<Counter*>(object);
  PyTypeObject* type = Py_TYPE(object);
  if (self->owner != nullptr) self->owner->registry->unpin(core::Kind::counter, self->slot);
  Py_XDECREF(reinterpret_cast<PyObject*>(self->owner));
  type->tp_free(object);
  Py_DECREF(type);
}

PyObject* timer_record(PyObject* object, PyObject* seconds) {
  Timer* self = reinterpret_cast<Timer*>(object);
  double value;
  if (!to_double(seconds, &value)) return nullptr;
  self->owner->writer().record(cell_of(self), value);
  Py_RETURN_NONE;
}

const void* current_context(PyThreadState* thread) { return thread->context; }

PyObject* timer_enter(PyObject* object, PyObject* /*unused*/) {
  Timer* self = reinterpret_cast<Timer*>(object);
  PyThreadState* thread = PyThreadState_Get();
  bool stored = true;
  ARGUS_BEGIN_NAMES(object)
  try {
    self->running->push_back({thread, current_context(thread), monotonic_ns()});
  } catch (const std::bad_alloc&) {
    stored = false;
  }
  ARGUS_END_NAMES()
  return stored ? Py_NewRef(object) : PyErr_NoMemory();
}

// The newest block of this thread and context. A context may come to life inside the block (the first context variable
// that is set makes one), so the thread's newest block is the second choice.
int64_t take_start(std::vector<Running>& running, PyThreadState* thread) {
  const void* context = current_context(thread);
  auto chosen = running.rend();
  for (auto entry = running.rbegin(); entry != running.rend(); ++entry) {
    if (entry->thread != thread) continue;
    if (entry->context == context) {
      chosen = entry;
      break;
    }
    if (chosen == running.rend() && entry->context == nullptr) chosen = entry;
  }
  if (chosen == running.rend()) return -1;
  const int64_t started = chosen->started;
  running.erase(std::next(chosen).base());
  return started;
}

PyObject* timer_exit(PyObject* object, PyObject* const* /*arguments*/, Py_ssize_t /*count*/) {
  const int64_t now = monotonic_ns();
  Timer* self = reinterpret_cast<Timer*>(object);
  PyThreadState* thread = PyThreadState_Get();
  int64_t started = 0;
  ARGUS_BEGIN_NAMES(object)
  started = take_start(*self->running, thread);
  ARGUS_END_NAMES()
  if (started < 0) {
    // Entered elsewhere: there is no start to count from, and a monitor does not break the program.
    self->owner->writer().refuse();
    Py_RETURN_NONE;
  }
  self->owner->writer().record(cell_of(self), static_cast<double>(now - started) * 1e-9);
  Py_RETURN_NONE;
}

void timer_dealloc(PyObject* object) {
  Timer* self = reinterpret_cast<Timer*>(object);
  PyTypeObject* type = Py_TYPE(object);
  if (self->owner != nullptr) self->owner->registry->unpin(core::Kind::timing, self->slot);
  delete self->running;
  Py_XDECREF(reinterpret_cast<PyObject*>(self->owner));
  type->tp_free(object);
  Py_DECREF(type);
}

template <typename Function>
PyCFunction as_method(Function function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef counter_methods[] = {
    {"increment", as_method(counter_increment), METH_FASTCALL,
     "increment($self, value=1, /)\n--\n\nAdd value (finite, not negative) to the counter."},
    {nullptr, nullptr, 0, nullptr}};

PyMethodDef timer_methods[] = {
    {"record", timer_record, METH_O, "record($self, seconds, /)\n--\n\nRecord a duration (finite, not negative)."},
    {"__enter__", timer_enter, METH_NOARGS, "Start timing a block."},
    {"__exit__", as_method(timer_exit), METH_FASTCALL, "Record how long the block took."},
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot counter_slots[] = {
    {Py_tp_doc, const_cast<char*>("A handle on one counter series. It keeps the series alive.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(counter_dealloc)},
    {Py_tp_methods, counter_methods},
    {0, nullptr}};

PyType_Slot timer_slots[] = {
    {Py_tp_doc, const_cast<char*>("A handle on one timing series; `with timer:` records the block's duration.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(timer_dealloc)},
    {Py_tp_methods, timer_methods},
    {0, nullptr}};

constexpr unsigned kHandleFlags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE;

}  // namespace

PyType_Spec counter_spec = {"argus.aggregate._native.Counter", sizeof(Counter), 0, kHandleFlags, counter_slots};
PyType_Spec timer_spec = {"argus.aggregate._native.Timer", sizeof(Timer), 0, kHandleFlags, timer_slots};

bool record_duration(const ModuleState* state, PyObject* timer, double seconds) {
  if (Py_IS_TYPE(timer, state->timer)) {
    Timer* self = reinterpret_cast<Timer*>(timer);
    self->owner->writer().record(cell_of(self), seconds);
    return true;
  }
  PyObject* done = PyObject_CallMethod(timer, "record", "d", seconds);
  Py_XDECREF(done);
  return done != nullptr;
}

PyObject* new_counter(Aggregator* owner, uint32_t slot) {
  PyTypeObject* type = state_of(Py_TYPE(reinterpret_cast<PyObject*>(owner)))->counter;
  Counter* self = PyObject_New(Counter, type);
  if (self == nullptr) {
    owner->registry->unpin(core::Kind::counter, slot);
    return nullptr;
  }
  Py_INCREF(reinterpret_cast<PyObject*>(owner));
  self->owner = owner;
  self->slot = slot;
  self->cell = owner->writer().counter(slot);
  return reinterpret_cast<PyObject*>(self);
}

PyObject* new_timer(Aggregator* owner, uint32_t slot) {
  PyTypeObject* type = state_of(Py_TYPE(reinterpret_cast<PyObject*>(owner)))->timer;
  Timer* self = PyObject_New(Timer, type);
  if (self == nullptr) {
    owner->registry->unpin(core::Kind::timing, slot);
    return nullptr;
  }
  Py_INCREF(reinterpret_cast<PyObject*>(owner));
  self->owner = owner;
  self->slot = slot;
  self->cell = owner->writer().timing(slot);
  self->running = new std::vector<Running>;
  self->running->reserve(4);
  return reinterpret_cast<PyObject*>(self);
}

}  // namespace argus::python
