// The flight recorder for Python: Recorder, and what reads the files of dead processes.
//
// The interpreter's lock is held throughout, so nobody records while cells move into the file.
#include <memory>
#include <system_error>

#include "aggregator.h"
#include "core/flight_reader.h"
#include "core/recorder.h"

namespace argus::python {

namespace {

struct Recorder {
  PyObject_HEAD std::shared_ptr<core::Recorder>* core;
};

core::Recorder& core_of(PyObject* object) { return **reinterpret_cast<Recorder*>(object)->core; }

// Runs `body`, which returns a new reference; what it throws becomes Python's.
template <typename Body>
PyObject* guarded(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return PyErr_NoMemory();
  } catch (const std::system_error& error) {
    PyObject* arguments = Py_BuildValue("(is)", error.code().value(), error.what());
    if (arguments != nullptr) PyErr_SetObject(PyExc_OSError, arguments);
    Py_XDECREF(arguments);
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  }
  return nullptr;
}

PyObject* recorder_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"path", "instance", "host", "sdk", "interval", nullptr};
  const char *path, *instance, *host, *sdk;
  core::FlightIdentity identity;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "ssssd", const_cast<char**>(names), &path, &instance, &host,
                                   &sdk, &identity.interval)) {
    return nullptr;
  }
  return guarded([&]() -> PyObject* {
    identity.instance = instance;
    identity.host = host;
    identity.sdk = sdk;
    auto core = std::make_shared<core::Recorder>(path, identity);
    Recorder* self = reinterpret_cast<Recorder*>(type->tp_alloc(type, 0));
    if (self == nullptr) return nullptr;
    self->core = new std::shared_ptr<core::Recorder>(std::move(core));
    return reinterpret_cast<PyObject*>(self);
  });
}

void recorder_dealloc(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  delete reinterpret_cast<Recorder*>(object)->core;
  type->tp_free(object);
  Py_DECREF(type);
}

PyObject* bytes_of(const std::string& text) {
  return PyBytes_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
}

PyObject* list_of_bytes(const std::vector<std::string>& texts) {
  PyObject* list = PyList_New(static_cast<Py_ssize_t>(texts.size()));
  for (size_t i = 0; list != nullptr && i < texts.size(); ++i) {
    PyObject* bytes = bytes_of(texts[i]);
    if (bytes == nullptr) {
      Py_CLEAR(list);
    } else {
      PyList_SET_ITEM(list, static_cast<Py_ssize_t>(i), bytes);
    }
  }
  return list;
}

PyObject* recorder_put_line(PyObject* object, PyObject* line) {
  char* data;
  Py_ssize_t size;
  if (PyBytes_AsStringAndSize(line, &data, &size) < 0) return nullptr;
  return PyBool_FromLong(core_of(object).put_line({data, static_cast<size_t>(size)}));
}

PyObject* recorder_take_lines(PyObject* object, PyObject* arguments) {
  Py_ssize_t most, bytes;
  if (!PyArg_ParseTuple(arguments, "nn", &most, &bytes)) return nullptr;
  return guarded(
      [&] { return list_of_bytes(core_of(object).take_lines(static_cast<size_t>(most), static_cast<size_t>(bytes))); });
}

PyObject* recorder_waiting_lines(PyObject* object, PyObject* /*unused*/) {
  return PyLong_FromSize_t(core_of(object).waiting_lines());
}

PyObject* recorder_crowded(PyObject* object, PyObject* /*unused*/) {
  return PyBool_FromLong(core_of(object).crowded());
}

PyObject* recorder_commit_window(PyObject* object, PyObject* arguments) {
  unsigned long long seq;
  double until;
  if (!PyArg_ParseTuple(arguments, "Kd", &seq, &until)) return nullptr;
  core_of(object).commit_window(seq, until);
  Py_RETURN_NONE;
}

PyObject* recorder_commit_lines(PyObject* object, PyObject* seq) {
  const unsigned long long number = PyLong_AsUnsignedLongLong(seq);
  if (PyErr_Occurred()) return nullptr;
  core_of(object).commit_lines(number);
  Py_RETURN_NONE;
}

PyObject* recorder_overflows(PyObject* object, PyObject* /*unused*/) {
  return PyLong_FromUnsignedLongLong(core_of(object).overflows());
}

PyObject* recorder_close(PyObject* object, PyObject* /*unused*/) {
  core_of(object).close();
  Py_RETURN_NONE;
}

// (instance, host, sdk, interval, boot, metrics_seq, logs_seq, until, overflows, window, lines)
PyObject* read_flight(PyObject* module, PyObject* content) {
  Py_buffer bytes;
  if (PyObject_GetBuffer(content, &bytes, PyBUF_SIMPLE) < 0) return nullptr;
  PyObject* result = guarded([&]() -> PyObject* {
    const core::Flight flight =
        core::read_flight({static_cast<const char*>(bytes.buf), static_cast<size_t>(bytes.len)});
    PyObject* start = PyFloat_FromDouble(flight.until);
    if (start == nullptr) return nullptr;
    const ModuleState* state = static_cast<const ModuleState*>(PyModule_GetState(module));
    PyObject* window = window_object(state, nullptr, flight.window, start, start);
    Py_DECREF(start);
    PyObject* lines = window == nullptr ? nullptr : list_of_bytes(flight.lines);
    if (lines == nullptr) {
      Py_XDECREF(window);
      return nullptr;
    }
    const core::FlightIdentity& from = flight.identity;
    const auto text = [](const std::string& of) {
      return PyUnicode_DecodeUTF8(of.data(), static_cast<Py_ssize_t>(of.size()), "replace");
    };
    return Py_BuildValue("(NNNdNKKdKNN)", text(from.instance), text(from.host), text(from.sdk), from.interval,
                         text(flight.boot), static_cast<unsigned long long>(flight.metrics_seq),
                         static_cast<unsigned long long>(flight.logs_seq), flight.until,
                         static_cast<unsigned long long>(flight.overflows), window, lines);
  });
  PyBuffer_Release(&bytes);
  return result;
}

PyObject* boot_name(PyObject* /*module*/, PyObject* /*unused*/) {
  return guarded([] { return PyUnicode_FromString(core::boot_name().c_str()); });
}

PyMethodDef recorder_methods[] = {
    {"put_line", recorder_put_line, METH_O, "put_line($self, line, /)\n--\n\nKeep a line; False without room for it."},
    {"take_lines", recorder_take_lines, METH_VARARGS,
     "take_lines($self, most, size, /)\n--\n\nReturn the oldest lines not taken yet; commit_lines lets go of them."},
    {"waiting_lines", recorder_waiting_lines, METH_NOARGS, "Return how many lines were not taken yet."},
    {"crowded", recorder_crowded, METH_NOARGS, "Return whether more than half of the room for lines is filled."},
    {"commit_window", recorder_commit_window, METH_VARARGS,
     "commit_window($self, seq, until, /)\n--\n\nSay that all that was drained is safe in batches up to seq."},
    {"commit_lines", recorder_commit_lines, METH_O,
     "commit_lines($self, seq, /)\n--\n\nSay that all lines that were taken are safe in batches up to seq."},
    {"overflows", recorder_overflows, METH_NOARGS, "Return for how many chunks, keys and lines there was no room."},
    {"close", recorder_close, METH_NOARGS, "Delete the file; recording goes on without it."},
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot recorder_slots[] = {
    {Py_tp_doc, const_cast<char*>("A flight file that this process writes; see argus.recorder.")},
    {Py_tp_new, reinterpret_cast<void*>(recorder_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(recorder_dealloc)},
    {Py_tp_methods, recorder_methods},
    {0, nullptr}};

}  // namespace

PyMethodDef flight_functions[] = {
    {"read_flight", read_flight, METH_O,
     "read_flight(content, /)\n--\n\nReturn what a flight file holds; ValueError says why it is none."},
    {"boot_name", boot_name, METH_NOARGS, "boot_name()\n--\n\nReturn a name of the time since the machine started."},
    {nullptr, nullptr, 0, nullptr}};

PyType_Spec recorder_spec = {"argus.aggregate._native.Recorder", sizeof(Recorder), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, recorder_slots};

PyObject* record_into(Aggregator* self, PyObject* recorder) {
  ModuleState* state = state_of(Py_TYPE(reinterpret_cast<PyObject*>(self)));
  if (!PyObject_TypeCheck(recorder, state->recorder)) {
    PyErr_Format(PyExc_TypeError, "a recorder must be a Recorder, not %R", recorder);
    return nullptr;
  }
#ifdef Py_GIL_DISABLED
  PyErr_SetString(PyExc_OSError, "no flight recorder: this Python has no global lock under which cells could move");
  return nullptr;
#else
  return guarded([&]() -> PyObject* {
    self->registry->record_into(*reinterpret_cast<Recorder*>(recorder)->core);
    Py_RETURN_NONE;
  });
#endif
}

}  // namespace argus::python
