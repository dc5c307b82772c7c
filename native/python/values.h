// From Python's objects to numbers and tags, on the shortest path for the common types.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <array>
#include <string>

#include "core/key.h"

namespace argus::python {

// Sets TypeError naming the object; always false, so that callers can return it.
inline bool refuse_number(PyObject* object) {
  PyErr_Format(PyExc_TypeError, "a value must be a number, not %.100s: %R", Py_TYPE(object)->tp_name, object);
  return false;
}

// Anything with __float__ is a number, but text is not.
inline bool to_double_slowly(PyObject* object, double* value) {
  if (PyUnicode_Check(object) || PyBytes_Check(object)) return refuse_number(object);
  *value = PyFloat_AsDouble(object);
  if (*value != -1.0 || !PyErr_Occurred()) return true;
  if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
    // An int that no double can hold: refused like infinity, which it is for us.
    PyErr_Clear();
    *value = Py_HUGE_VAL;
    return true;
  }
  if (!PyErr_ExceptionMatches(PyExc_TypeError)) return false;
  PyErr_Clear();
  return refuse_number(object);
}

inline bool to_double(PyObject* object, double* value) {
  if (PyFloat_CheckExact(object)) {
    *value = PyFloat_AS_DOUBLE(object);
    return true;
  }
  return to_double_slowly(object, value);
}

using TagArray = std::array<core::TagView, core::kMaxTags>;

// The UTF-8 of a str, or false with TypeError; `what` names the argument.
inline bool to_view(PyObject* object, const char* what, std::string_view* view) {
  if (!PyUnicode_Check(object)) {
    PyErr_Format(PyExc_TypeError, "%s must be str, not %.100s: %R", what, Py_TYPE(object)->tp_name, object);
    return false;
  }
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(object, &size);
  if (data == nullptr) {
    // A lone surrogate: UnicodeEncodeError is a ValueError and names the character.
    return false;
  }
  *view = {data, static_cast<size_t>(size)};
  return true;
}

// Reads and checks name and tags (a dict or None). The views live as long as the objects.
inline bool to_key(PyObject* name, PyObject* tags, std::string_view* text, TagArray* views, size_t* count) {
  if (!to_view(name, "name", text)) return false;
  *count = 0;
  if (tags != nullptr && tags != Py_None) {
    if (!PyDict_Check(tags)) {
      PyErr_Format(PyExc_TypeError, "tags must be a dict of str to str, not %.100s: %R", Py_TYPE(tags)->tp_name, tags);
      return false;
    }
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(tags, &position, &key, &value)) {
      if (*count < views->size()) {
        core::TagView& view = (*views)[*count];
        if (!to_view(key, "tag key", &view.first) || !to_view(value, "tag value", &view.second)) return false;
      }
      ++*count;
    }
  }
  const std::string problem = core::problem_of(*text, views->data(), *count);
  if (problem.empty()) return true;
  PyErr_Format(PyExc_ValueError, "%s: %R", problem.c_str(), name);
  return false;
}

}  // namespace argus::python
