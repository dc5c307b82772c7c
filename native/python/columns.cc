// argus.wire._columns: the columns of a batch from JSON's text into arrays, and from arrays into line protocol.
//
// The same work as in sections.py and lines.py, in a fraction of the time and without the GIL: while a commit's lines
// are written here, the server's loop decodes the next bodies. What is not plain is left to the Python twin.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string_view>
#include <vector>

#include "number_text.h"
#include "sketch_columns.h"
#include "views.h"

namespace argus::python {

namespace {

const char* skip_blanks(const char* at, const char* end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

const char* read(const char* at, const char* end, double* value) { return read_real(at, end, value); }
const char* read(const char* at, const char* end, int64_t* value) { return read_whole(at, end, value); }

// Reads the rest of a list after its `[`, each of its items by `item`, which gets and returns a place in the text.
// Returns the place behind the list, nullptr for whatever is no list of such items.
template <typename Item>
const char* read_items(const char* at, const char* end, Item item) {
  at = skip_blanks(at, end);
  if (at < end && *at == ']') return at + 1;
  while (at != nullptr && at < end) {
    at = item(at);
    if (at == nullptr) return nullptr;
    at = skip_blanks(at, end);
    if (at == end || (*at != ',' && *at != ']')) return nullptr;
    if (*at++ == ']') return at;
    at = skip_blanks(at, end);
  }
  return nullptr;
}

template <typename Number>
const char* read_list(const char* at, const char* end, std::vector<Number>* numbers) {
  if (at == end || *at != '[') return nullptr;
  return read_items(at + 1, end, [end, numbers](const char* place) {
    Number value{};
    place = read(place, end, &value);
    if (place != nullptr) numbers->push_back(value);
    return place;
  });
}

bool is_end(const char* at, const char* end) { return at != nullptr && skip_blanks(at, end) == end; }

template <typename Number>
PyObject* bytes_of(const std::vector<Number>& numbers) {
  return PyByteArray_FromStringAndSize(reinterpret_cast<const char*>(numbers.data()),
                                       static_cast<Py_ssize_t>(numbers.size() * sizeof(Number)));
}

template <typename Number>
PyObject* numbers_of(std::string_view text) {
  const char* end = text.data() + text.size();
  std::vector<Number> numbers;
  numbers.reserve(text.size() / 4);
  if (!is_end(read_list(skip_blanks(text.data(), end), end, &numbers), end)) Py_RETURN_NONE;
  return bytes_of(numbers);
}

PyObject* read_rows(PyObject* /*module*/, PyObject* given) {
  View view;
  if (!view.take(given)) return nullptr;
  const char* end = view.text().data() + view.text().size();
  const char* at = skip_blanks(view.text().data(), end);
  std::vector<int64_t> lengths;
  std::vector<int64_t> flat;
  flat.reserve(view.text().size() / 2);
  if (at == end || *at != '[') Py_RETURN_NONE;
  at = read_items(at + 1, end, [end, &lengths, &flat](const char* place) {
    const size_t before = flat.size();
    place = read_list(place, end, &flat);
    lengths.push_back(static_cast<int64_t>(flat.size() - before));
    return place;
  });
  if (!is_end(at, end)) Py_RETURN_NONE;
  return Py_BuildValue("NN", bytes_of(lengths), bytes_of(flat));
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

PyMethodDef methods[] = {
    {"read_numbers", read_numbers, METH_VARARGS,
     "read_numbers(text, whole) -> the numbers of a JSON list as int64 or double; None: it is for JSON's reader to "
     "judge"},
    {"read_rows", read_rows, METH_O,
     "read_rows(text) -> how many whole numbers each list of a JSON list has, and all of them; None: as read_numbers"},
    {"write_lines", write_lines, METH_VARARGS,
     "write_lines(head, tags, fields, more, times) -> lines, joined; a field is (b\" name=\", column)"},
    {"pack_sketches", pack_sketches, METH_VARARGS, "pack_sketches(lengths, flat) -> each row's sketch in few bytes"},
    {"number_fields", number_fields, METH_VARARGS,
     "number_fields(name, rows) -> each row's bytes as numbered fields of six, after one that says how many"},
    {"unpack_sketches", unpack_sketches, METH_VARARGS,
     "unpack_sketches(data, row_ends) -> lengths and pairs; None: something in them is damaged"},
    {"choose_bins", choose_bins, METH_VARARGS,
     "choose_bins(groups, lengths, flat, total, rank, dense) -> each group's bin of its rank, 0: below all; None: the "
     "bins lie too far apart"},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef module = {PyModuleDef_HEAD_INIT, "argus.wire._columns", nullptr, 0, methods};

}  // namespace

}  // namespace argus::python

PyMODINIT_FUNC PyInit__columns() { return PyModule_Create(&argus::python::module); }
