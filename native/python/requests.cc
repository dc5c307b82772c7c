// Request: one request that an application answers, from the first moment Argus sees it to the end of its response.
//
// The twin of argus/instrument/plain_request.py, which says what each method is for; one suite holds both to it. A web
// server makes one of these for every request, so it has no dict, is unknown to the garbage collector (what it refers
// to never refers to it), and reaches its series' cell without running Python.
#include "aggregator.h"

namespace argus::python {

namespace {

constexpr long kSwitchingProtocols = 101;

// Made once; they live as long as the process.
PyObject* kNone;
PyObject* kNoAnswer;
PyObject* kFailed;

struct Request {
  PyObject_HEAD PyObject* timers;  // owned; nullptr: it has ended
  PyObject* method;                // owned, as what follows
  PyObject* mounts;                // nullptr: none
  PyObject* route;
  PyObject* status;
  int64_t began;  // ns on the monotonic clock
};

Request* of(PyObject* object) { return reinterpret_cast<Request*>(object); }

// Puts a new reference, or nullptr with an exception set, in the place of another one; returns None, or nullptr.
PyObject* put(PyObject* object, PyObject** place, PyObject* value) {
  if (value == nullptr) return nullptr;
  PyObject* old;
  ARGUS_BEGIN_NAMES(object)
  old = *place;
  *place = value;
  ARGUS_END_NAMES()
  (void)object;
  Py_XDECREF(old);
  Py_RETURN_NONE;
}

bool is_text(PyObject* object) {
  if (PyUnicode_Check(object)) return true;
  PyErr_Format(PyExc_TypeError, "a route must be str, not %.100s: %R", Py_TYPE(object)->tp_name, object);
  return false;
}

PyObject* joined(PyObject* first, PyObject* second) {
  return first == nullptr ? Py_NewRef(second) : PyUnicode_Concat(first, second);
}

PyObject* request_new(PyObject* type, PyObject* const* arguments, size_t flags, PyObject* keywords) {
  if (PyVectorcall_NARGS(flags) != 2 || keywords != nullptr) {
    PyErr_SetString(PyExc_TypeError, "Request() takes timers and method");
    return nullptr;
  }
  Request* self = PyObject_New(Request, reinterpret_cast<PyTypeObject*>(type));
  if (self == nullptr) return nullptr;
  self->timers = Py_NewRef(arguments[0]);
  self->method = Py_NewRef(arguments[1]);
  self->mounts = nullptr;
  self->route = Py_NewRef(kNone);
  self->status = Py_NewRef(kNoAnswer);
  self->began = monotonic_ns();
  return reinterpret_cast<PyObject*>(self);
}

void request_dealloc(PyObject* object) {
  Request* self = of(object);
  PyTypeObject* type = Py_TYPE(object);
  Py_XDECREF(self->timers);
  Py_DECREF(self->method);
  Py_XDECREF(self->mounts);
  Py_DECREF(self->route);
  Py_DECREF(self->status);
  PyObject_Free(object);
  Py_DECREF(type);
}

PyObject* request_open(PyObject* object, void* /*unused*/) { return PyBool_FromLong(of(object)->timers != nullptr); }

PyObject* request_matched(PyObject* object, PyObject* route) {
  if (!is_text(route)) return nullptr;
  return put(object, &of(object)->route, joined(of(object)->mounts, route));
}

PyObject* request_mounted(PyObject* object, PyObject* route) {
  if (!is_text(route)) return nullptr;
  PyObject* mounts = joined(of(object)->mounts, route);
  if (mounts == nullptr) return nullptr;
  PyObject* within = PyUnicode_FromFormat("%U/{path}", mounts);
  PyObject* done = put(object, &of(object)->route, within);
  if (done == nullptr) {
    Py_DECREF(mounts);
    return nullptr;
  }
  Py_DECREF(done);
  return put(object, &of(object)->mounts, mounts);
}

// Takes the timers out: who gets them records, and nobody after.
PyObject* take_timers(PyObject* object) {
  PyObject* timers;
  ARGUS_BEGIN_NAMES(object)
  timers = of(object)->timers;
  of(object)->timers = nullptr;
  ARGUS_END_NAMES()
  return timers;
}

PyObject* request_answered(PyObject* object, PyObject* status) {
  const long number = PyLong_AsLong(status);
  if (number == -1 && PyErr_Occurred()) return nullptr;
  if (number == kSwitchingProtocols) Py_XDECREF(take_timers(object));
  return put(object, &of(object)->status, PyLong_CheckExact(status) ? Py_NewRef(status) : PyLong_FromLong(number));
}

PyObject* request_end(PyObject* object, PyObject* /*unused*/) {
  const int64_t now = monotonic_ns();
  Request* self = of(object);
  PyObject* timers = take_timers(object);
  if (timers == nullptr) Py_RETURN_NONE;
  PyObject* key = PyTuple_Pack(3, self->route, self->method, self->status);
  PyObject* timer = key == nullptr ? nullptr : PyObject_GetItem(timers, key);
  Py_XDECREF(key);
  Py_DECREF(timers);
  if (timer == nullptr) return nullptr;
  const bool recorded =
      record_duration(state_of(Py_TYPE(object)), timer, static_cast<double>(now - self->began) * 1e-9);
  Py_DECREF(timer);
  if (!recorded) return nullptr;
  Py_RETURN_NONE;
}

PyObject* request_failed(PyObject* object, PyObject* error) {
  const int is_error = PyObject_IsInstance(error, PyExc_Exception);
  if (is_error < 0) return nullptr;
  if (is_error != 0) Py_XDECREF(put(object, &of(object)->status, Py_NewRef(kFailed)));
  return request_end(object, nullptr);
}

PyMethodDef request_methods[] = {
    {"matched", request_matched, METH_O, "matched($self, template, /)\n--\n\nNote the route."},
    {"mounted", request_mounted, METH_O, "mounted($self, template, /)\n--\n\nNote an application mounted there."},
    {"answered", request_answered, METH_O, "answered($self, status, /)\n--\n\nNote the response's status."},
    {"failed", request_failed, METH_O, "failed($self, error, /)\n--\n\nEnd with an exception."},
    {"end", request_end, METH_NOARGS, "end($self)\n--\n\nRecord the request, if it has not been yet."},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef request_properties[] = {{"open", request_open, nullptr, "Whether the response has not ended yet.", nullptr},
                                    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot request_slots[] = {
    {Py_tp_doc, const_cast<char*>("A request that the application answers; see argus.instrument.request.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(request_dealloc)},
    {Py_tp_methods, request_methods},
    {Py_tp_getset, request_properties},
    {0, nullptr}};

PyType_Spec request_spec = {"argus.aggregate._native.Request", sizeof(Request), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
                            request_slots};

}  // namespace

bool add_request(PyObject* module) {
  kNone = PyUnicode_InternFromString("(none)");
  kNoAnswer = PyLong_FromLong(0);
  kFailed = PyLong_FromLong(500);
  if (kNone == nullptr || kNoAnswer == nullptr || kFailed == nullptr) return false;
  PyObject* type = PyType_FromModuleAndSpec(module, &request_spec, nullptr);
  if (type == nullptr) return false;
  // A call makes one without the tuple of arguments that tp_new is given.
  reinterpret_cast<PyTypeObject*>(type)->tp_vectorcall = request_new;
  const bool added = PyModule_AddType(module, reinterpret_cast<PyTypeObject*>(type)) == 0;
  Py_DECREF(type);
  return added;
}

}  // namespace argus::python
