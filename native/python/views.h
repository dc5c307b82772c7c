// What a call of this extension is given: columns and texts of Python's, held for as long as they are looked at.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace argus::python {

constexpr Py_ssize_t kWidth = 8;  // bytes of a number in a column, whichever kind it is

// A buffer that is given back; the object stays alive as long.
class View {
 public:
  View() = default;
  View(View&& other) noexcept : view_(other.view_), held_(other.held_), real_(other.real_) { other.held_ = false; }
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  View& operator=(View&&) = delete;
  ~View() {
    if (held_) PyBuffer_Release(&view_);
  }

  bool take(PyObject* object) {
    held_ = PyObject_GetBuffer(object, &view_, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) == 0;
    return held_;
  }
  // A column of `size` numbers: doubles, or whole ones of 64 bits. Sets ValueError.
  bool take_column(PyObject* object, Py_ssize_t size) {
    if (!take(object)) return false;
    const std::string_view format = view_.format == nullptr ? "B" : view_.format;
    real_ = format == "d";
    if (view_.itemsize == kWidth && view_.len == size * kWidth && (real_ || format == "l" || format == "q"))
      return true;
    PyErr_Format(PyExc_ValueError, "a column must hold %zd doubles or whole numbers of 64 bits, got %zd bytes of '%s'",
                 size, view_.len, view_.format == nullptr ? "B" : view_.format);
    return false;
  }
  // Whether what was taken is a column of whole numbers. Sets ValueError.
  bool take_as_whole() {
    const std::string_view format = view_.format == nullptr ? "B" : view_.format;
    if (view_.itemsize == kWidth && (format == "l" || format == "q")) return true;
    PyErr_SetString(PyExc_ValueError, "a column must hold whole numbers of 64 bits");
    return false;
  }
  // Windows calls the same 32 bits by the other letter.
  bool holds_u32() const {
    const std::string_view format = view_.format == nullptr ? "B" : view_.format;
    return view_.itemsize == sizeof(uint32_t) && (format == "I" || format == "L");
  }
  bool real() const { return real_; }
  std::string_view text() const { return {static_cast<const char*>(view_.buf), static_cast<size_t>(view_.len)}; }
  double real_at(Py_ssize_t row) const { return static_cast<const double*>(view_.buf)[row]; }
  int64_t whole_at(Py_ssize_t row) const { return static_cast<const int64_t*>(view_.buf)[row]; }

 private:
  Py_buffer view_{};
  bool held_ = false;
  bool real_ = false;
};

// A reference.
class Held {
 public:
  explicit Held(PyObject* object) : object_(object) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { Py_XDECREF(object_); }
  PyObject* get() const { return object_; }

 private:
  PyObject* object_;
};

// The texts of a sequence of bytes; the tuple they are copied into holds them. Sets TypeError.
inline bool texts_of(PyObject* tuple, std::vector<std::string_view>* texts) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  texts->reserve(static_cast<size_t>(size));
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* text = PyTuple_GET_ITEM(tuple, i);
    if (!PyBytes_Check(text)) {
      PyErr_Format(PyExc_TypeError, "a text must be bytes, not %.100s", Py_TYPE(text)->tp_name);
      return false;
    }
    texts->emplace_back(PyBytes_AS_STRING(text), static_cast<size_t>(PyBytes_GET_SIZE(text)));
  }
  return true;
}

}  // namespace argus::python
