// argus.wire._columns: the columns of a batch from JSON's text into arrays, and from arrays into line protocol.
//
// The same work as in sections.py and lines.py, in a fraction of the time and without the GIL: while a commit's lines
// are written here, the server's loop decodes the next bodies. What is not plain is left to the Python twin.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string_view>
#include <vector>

#include "number_text.h"
#include "sketch_text.h"

namespace argus::python {

namespace {

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
  bool holds_u32() const {
    return view_.itemsize == sizeof(uint32_t) && view_.format != nullptr && *view_.format == 'I';
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

const char* skip_blanks(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

const char* read(const char* at, const char* end, double* value) { return read_real(at, end, value); }
const char* read(const char* at, const char* end, int64_t* value) { return read_whole(at, end, value); }

// Reads `[1,2.5]`; false for whatever is no list of plain numbers.
template <typename Number>
bool read_list(std::string_view text, std::vector<Number>* numbers) {
  const char* end = text.data() + text.size();
  const char* at = skip_blanks(text.data(), end);
  if (at == end || *at != '[') return false;
  at = skip_blanks(at + 1, end);
  const bool empty = at < end && *at == ']';
  while (!empty) {
    Number value{};
    at = read(at, end, &value);
    if (at == nullptr) return false;
    numbers->push_back(value);
    at = skip_blanks(at, end);
    if (at == end || (*at != ',' && *at != ']')) return false;
    if (*at == ']') break;
    at = skip_blanks(at + 1, end);
  }
  return skip_blanks(at + 1, end) == end;
}

template <typename Number>
PyObject* numbers_of(std::string_view text) {
  std::vector<Number> numbers;
  numbers.reserve(text.size() / 4);
  if (!read_list(text, &numbers)) Py_RETURN_NONE;
  return PyByteArray_FromStringAndSize(reinterpret_cast<const char*>(numbers.data()),
                                       static_cast<Py_ssize_t>(numbers.size() * sizeof(Number)));
}

// One call lasts some ten microseconds: taking the GIL back would cost more than it is worth.
PyObject* read_numbers(PyObject* /*module*/, PyObject* arguments) {
  PyObject* given = nullptr;
  int whole = 0;
  if (!PyArg_ParseTuple(arguments, "Op:read_numbers", &given, &whole)) return nullptr;
  View view;
  if (!view.take(given)) return nullptr;
  return whole != 0 ? numbers_of<int64_t>(view.text()) : numbers_of<double>(view.text());
}

struct Field {
  std::string_view name;
  View column;
};

// What one block of lines is made of. Texts belong to objects that the caller holds.
struct Lines {
  std::string_view head;
  std::vector<std::string_view> tags;
  std::vector<Field> fields;
  std::vector<std::string_view> more;  // empty, or one text per row
  View times;

  size_t most() const {
    size_t each = head.size() + kMostText + 2;
    for (const Field& field : fields) each += field.name.size() + kMostText + 1;
    size_t all = tags.size() * each;
    for (const auto tag : tags) all += tag.size();
    for (const auto text : more) all += text.size();
    return all;
  }
  char* write(char* out) const;
};

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* Lines::write(char* out) const {
  for (size_t i = 0; i < tags.size(); ++i) {
    const auto row = static_cast<Py_ssize_t>(i);
    if (i > 0) *out++ = '\n';
    out = put(put(out, head), tags[i]);
    for (const Field& field : fields) {
      out = put(out, field.name);
      if (field.column.real()) {
        out = write_real(out, field.column.real_at(row));
      } else {
        out = write_whole(out, field.column.whole_at(row));
        *out++ = 'i';
      }
    }
    if (!more.empty()) out = put(out, more[i]);
    *out++ = ' ';
    out = write_whole(out, times.whole_at(row));
  }
  return out;
}

// The texts of a sequence of bytes; the tuple they are copied into holds them. Sets TypeError.
bool texts_of(PyObject* tuple, std::vector<std::string_view>* texts) {
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

bool fields_of(PyObject* tuple, Py_ssize_t rows, std::vector<Field>* fields) {
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); ++i) {
    const char* name = nullptr;
    Py_ssize_t size = 0;
    PyObject* column = nullptr;
    if (!PyArg_ParseTuple(PyTuple_GET_ITEM(tuple, i), "y#O", &name, &size, &column)) return false;
    Field field{{name, static_cast<size_t>(size)}, {}};
    if (!field.column.take_column(column, rows)) return false;
    fields->push_back(std::move(field));
  }
  return true;
}

class Held {  // a reference
 public:
  explicit Held(PyObject* object) : object_(object) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { Py_XDECREF(object_); }
  PyObject* get() const { return object_; }

 private:
  PyObject* object_;
};

bool gather(PyObject* tags, PyObject* fields, PyObject* more, PyObject* times, Lines* lines) {
  if (!texts_of(tags, &lines->tags) || !texts_of(more, &lines->more)) return false;
  const auto rows = static_cast<Py_ssize_t>(lines->tags.size());
  if (!lines->more.empty() && lines->more.size() != lines->tags.size()) {
    PyErr_Format(PyExc_ValueError, "%zu more texts for %zd rows", lines->more.size(), rows);
    return false;
  }
  if (!fields_of(fields, rows, &lines->fields) || !lines->times.take_column(times, rows)) return false;
  if (!lines->times.real()) return true;
  PyErr_SetString(PyExc_ValueError, "times are whole numbers");
  return false;
}

PyObject* write_lines(PyObject* /*module*/, PyObject* arguments) {
  const char* head = nullptr;
  Py_ssize_t head_size = 0;
  PyObject* given[4] = {};
  if (!PyArg_ParseTuple(arguments, "y#OOOO:write_lines", &head, &head_size, &given[0], &given[1], &given[2],
                        &given[3])) {
    return nullptr;
  }
  // Tuples of our own: while the GIL is let go, somebody may change a list and free its texts.
  const Held tags(PySequence_Tuple(given[0]));
  const Held fields(tags.get() == nullptr ? nullptr : PySequence_Tuple(given[1]));
  const Held more(fields.get() == nullptr ? nullptr : PySequence_Tuple(given[2]));
  if (more.get() == nullptr) return nullptr;
  Lines lines;
  lines.head = {head, static_cast<size_t>(head_size)};
  if (!gather(tags.get(), fields.get(), more.get(), given[3], &lines)) return nullptr;
  PyObject* made = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(lines.most()));
  if (made == nullptr) return nullptr;
  char* begin = PyBytes_AS_STRING(made);
  char* end = begin;
  Py_BEGIN_ALLOW_THREADS;
  end = lines.write(begin);
  Py_END_ALLOW_THREADS;
  return _PyBytes_Resize(&made, end - begin) == 0 ? made : nullptr;
}

// One row of packed bytes per sketch.
PyObject* pack_rows(const uint32_t* bins, const uint32_t* pairs, Py_ssize_t rows) {
  PyObject* made = PyList_New(rows);
  if (made == nullptr) return nullptr;
  std::vector<char> text;
  for (Py_ssize_t row = 0; row < rows; ++row) {
    text.resize(most_packed(bins[row]));
    const char* end = pack_sketch(text.data(), pairs, bins[row]);
    pairs += 2 * static_cast<size_t>(bins[row]);
    PyObject* packed = PyBytes_FromStringAndSize(text.data(), end - text.data());
    if (packed == nullptr) {
      Py_DECREF(made);
      return nullptr;
    }
    PyList_SET_ITEM(made, row, packed);
  }
  return made;
}

PyObject* pack_sketches(PyObject* /*module*/, PyObject* arguments) {
  PyObject* given[2] = {};
  if (!PyArg_ParseTuple(arguments, "OO:pack_sketches", &given[0], &given[1])) return nullptr;
  View lengths;
  View flat;
  if (!lengths.take(given[0]) || !flat.take(given[1])) return nullptr;
  const auto* bins = reinterpret_cast<const uint32_t*>(lengths.text().data());
  const auto rows = static_cast<Py_ssize_t>(lengths.text().size() / sizeof(uint32_t));
  size_t pairs = 0;
  for (Py_ssize_t row = 0; row < rows; ++row) pairs += bins[row];
  if (!lengths.holds_u32() || !flat.holds_u32() || pairs * 2 * sizeof(uint32_t) != flat.text().size()) {
    PyErr_SetString(PyExc_ValueError, "sketches are lengths and as many pairs, in columns of 32 bits");
    return nullptr;
  }
  return pack_rows(bins, reinterpret_cast<const uint32_t*>(flat.text().data()), rows);
}

PyObject* number_fields(PyObject* /*module*/, PyObject* arguments) {
  const char* name = nullptr;
  Py_ssize_t size = 0;
  PyObject* given = nullptr;
  if (!PyArg_ParseTuple(arguments, "y#O:number_fields", &name, &size, &given)) return nullptr;
  const Held tuple(PySequence_Tuple(given));
  std::vector<std::string_view> rows;
  if (tuple.get() == nullptr || !texts_of(tuple.get(), &rows)) return nullptr;
  PyObject* made = PyList_New(static_cast<Py_ssize_t>(rows.size()));
  std::vector<char> text;
  for (size_t row = 0; made != nullptr && row < rows.size(); ++row) {
    text.resize(most_numbered(rows[row], static_cast<size_t>(size)));
    const char* end = write_numbered(text.data(), {name, static_cast<size_t>(size)}, rows[row]);
    PyObject* fields = PyBytes_FromStringAndSize(text.data(), end - text.data());
    if (fields == nullptr) Py_CLEAR(made);
    if (made != nullptr) PyList_SET_ITEM(made, static_cast<Py_ssize_t>(row), fields);
  }
  return made;
}

PyMethodDef methods[] = {
    {"read_numbers", read_numbers, METH_VARARGS,
     "read_numbers(text, whole) -> the numbers of a JSON list as int64 or double; None: it is for JSON's reader to "
     "judge"},
    {"write_lines", write_lines, METH_VARARGS,
     "write_lines(head, tags, fields, more, times) -> lines, joined; a field is (b\" name=\", column)"},
    {"pack_sketches", pack_sketches, METH_VARARGS, "pack_sketches(lengths, flat) -> each row's sketch in few bytes"},
    {"number_fields", number_fields, METH_VARARGS,
     "number_fields(name, rows) -> each row's bytes as numbered fields of six, after one that says how many"},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef module = {PyModuleDef_HEAD_INIT, "argus.wire._columns", nullptr, 0, methods};

}  // namespace

}  // namespace argus::python

PyMODINIT_FUNC PyInit__columns() { return PyModule_Create(&argus::python::module); }
