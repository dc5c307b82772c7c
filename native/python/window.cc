// From a drained core window to argus.aggregate.summary.Window: named tuples of plain lists.
#include "aggregator.h"

namespace argus::python {

namespace {

// Builds a list; any failure leaves an exception set and turns the result into nullptr.
template <typename Make>
PyObject* list_of(size_t size, Make make) {
  PyObject* list = PyList_New(static_cast<Py_ssize_t>(size));
  if (list == nullptr) return nullptr;
  for (size_t i = 0; i < size; ++i) {
    PyObject* item = make(i);
    if (item == nullptr) {
      Py_DECREF(list);
      return nullptr;
    }
    PyList_SET_ITEM(list, static_cast<Py_ssize_t>(i), item);
  }
  return list;
}

PyObject* list_of(const std::vector<double>& column) {
  return list_of(column.size(), [&](size_t i) { return PyFloat_FromDouble(column[i]); });
}

PyObject* list_of(const std::vector<uint64_t>& column) {
  return list_of(column.size(), [&](size_t i) { return PyLong_FromUnsignedLongLong(column[i]); });
}

PyObject* list_of(const std::vector<std::vector<core::Bin>>& column) {
  return list_of(column.size(), [&](size_t row) {
    const std::vector<core::Bin>& bins = column[row];
    return list_of(bins.size(), [&](size_t i) {
      return Py_BuildValue("(IK)", bins[i].index, static_cast<unsigned long long>(bins[i].count));
    });
  });
}

// A key of a flight file may be anything; one of a registry is UTF-8.
PyObject* text_of(const std::string& key) {
  return PyUnicode_DecodeUTF8(key.data(), static_cast<Py_ssize_t>(key.size()), "replace");
}

PyObject* keys_of(KeyCaches* caches, core::Kind kind, const std::vector<core::SeriesRef>& series) {
  if (caches == nullptr) return list_of(series.size(), [&](size_t i) { return text_of(*series[i].key); });
  std::vector<CachedKey>& cache = (*caches)[static_cast<size_t>(kind)];
  return list_of(series.size(), [&](size_t i) -> PyObject* {
    const core::SeriesRef& ref = series[i];
    if (cache.size() <= ref.slot) cache.resize(ref.slot + 1);
    CachedKey& known = cache[ref.slot];
    if (known.serial != ref.serial) {
      PyObject* text = text_of(*ref.key);
      if (text == nullptr) return nullptr;
      Py_XSETREF(known.text, text);
      known.serial = ref.serial;
    }
    return Py_NewRef(known.text);
  });
}

// Calls a named tuple's class with the columns, which it takes over; any of them may be nullptr.
template <size_t N>
PyObject* tuple_of(PyObject* type, std::array<PyObject*, N> columns) {
  PyObject* result = nullptr;
  bool whole = true;
  for (PyObject* column : columns) whole = whole && column != nullptr;
  if (whole) result = PyObject_Vectorcall(type, columns.data(), N, nullptr);
  for (PyObject* column : columns) Py_XDECREF(column);
  return result;
}

}  // namespace

PyObject* window_object(const ModuleState* state, KeyCaches* caches, const core::Window& window, PyObject* start,
                        PyObject* end) {
  using core::Kind;
  const core::CounterColumns& c = window.counters;
  const core::GaugeColumns& g = window.gauges;
  const core::TimingColumns& t = window.timings;
  PyObject* counters =
      tuple_of<3>(state->counters, {keys_of(caches, Kind::counter, c.series), list_of(c.sum), list_of(c.count)});
  PyObject* gauges = tuple_of<6>(state->gauges, {keys_of(caches, Kind::gauge, g.series), list_of(g.last),
                                                 list_of(g.min), list_of(g.max), list_of(g.sum), list_of(g.count)});
  PyObject* timings = tuple_of<6>(state->timings, {keys_of(caches, Kind::timing, t.series), list_of(t.count),
                                                   list_of(t.sum), list_of(t.min), list_of(t.max), list_of(t.bins)});
  return tuple_of<5>(state->window, {Py_NewRef(start), Py_NewRef(end), counters, gauges, timings});
}

}  // namespace argus::python
