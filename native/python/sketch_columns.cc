// The twins in Python: packing.py, export.py (numbered fields) and sketches.py (choosing bins).
#include "sketch_columns.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <memory>

#include "sketch_text.h"
#include "views.h"

namespace argus::python {

namespace {

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

// Lengths and pairs as they are given; sets ValueError where one does not go with the other.
struct Sketches {
  View lengths;
  View flat;
  const uint32_t* bins = nullptr;
  const uint32_t* pairs = nullptr;
  Py_ssize_t rows = 0;
  size_t all = 0;  // bins of all rows

  bool take(PyObject* given_lengths, PyObject* given_flat) {
    if (!lengths.take(given_lengths) || !flat.take(given_flat)) return false;
    bins = reinterpret_cast<const uint32_t*>(lengths.text().data());
    pairs = reinterpret_cast<const uint32_t*>(flat.text().data());
    rows = static_cast<Py_ssize_t>(lengths.text().size() / sizeof(uint32_t));
    if (lengths.holds_u32() && flat.holds_u32()) {
      for (Py_ssize_t row = 0; row < rows; ++row) all += bins[row];
      if (all * 2 * sizeof(uint32_t) == flat.text().size()) return true;
    }
    PyErr_SetString(PyExc_ValueError, "sketches are lengths and as many pairs, in columns of 32 bits");
    return false;
  }
};

// Counts of all groups side by side, from the least bin of any to the greatest.
class Table {
 public:
  // False where the table would have more than `dense` cells per bin, or there are no bins.
  bool lay_out(const Sketches& sketches, size_t groups, size_t dense) {
    uint64_t low = std::numeric_limits<uint64_t>::max();
    uint64_t high = 0;
    const uint32_t* pair = sketches.pairs;
    for (Py_ssize_t row = 0; row < sketches.rows; ++row) {
      if (sketches.bins[row] == 0) continue;
      uint64_t index = 0;
      low = std::min<uint64_t>(low, pair[0]);
      for (uint32_t bin = 0; bin < sketches.bins[row]; ++bin, pair += 2) index += pair[0];
      high = std::max(high, index);
    }
    if (sketches.all == 0 || groups * (high - low + 1) > dense * sketches.all) return false;
    low_ = low;
    width_ = high - low + 1;
    cells_.reset(static_cast<int64_t*>(std::calloc(groups * width_, sizeof(int64_t))));
    return cells_ != nullptr;
  }
  void add(const Sketches& sketches, const View& groups) {
    const uint32_t* pair = sketches.pairs;
    for (Py_ssize_t row = 0; row < sketches.rows; ++row) {
      int64_t* cells = cells_.get() + static_cast<size_t>(groups.whole_at(row)) * width_;
      uint64_t index = 0;
      for (uint32_t bin = 0; bin < sketches.bins[row]; ++bin, pair += 2) {
        index += pair[0];
        cells[index - low_] += pair[1];
      }
    }
  }
  // The bin in which the group's count reaches `rank`, its values of zero before all bins; 0: one of those.
  int64_t choose(size_t group, int64_t total, int64_t rank) const {
    const int64_t* cells = cells_.get() + group * width_;
    int64_t in_bins = 0;
    for (size_t cell = 0; cell < width_; ++cell) in_bins += cells[cell];
    const int64_t zeros = total - in_bins;
    if (rank <= zeros) return 0;
    int64_t running = 0;
    size_t cell = 0;
    for (; cell < width_ - 1; ++cell) {
      running += cells[cell];
      if (running >= rank - zeros) break;
    }
    return static_cast<int64_t>(low_ + cell);
  }

 private:
  struct Free {
    void operator()(int64_t* cells) const { std::free(cells); }
  };
  std::unique_ptr<int64_t, Free> cells_;
  uint64_t low_ = 0;
  size_t width_ = 0;
};

bool fit(const View& groups, Py_ssize_t rows, size_t most) {
  for (Py_ssize_t row = 0; row < rows; ++row) {
    if (groups.whole_at(row) < 0 || static_cast<size_t>(groups.whole_at(row)) >= most) {
      PyErr_Format(PyExc_ValueError, "row %zd is of group %lld; there are %zu", row,
                   static_cast<long long>(groups.whole_at(row)), most);
      return false;
    }
  }
  return true;
}

}  // namespace

PyObject* pack_sketches(PyObject* /*module*/, PyObject* arguments) {
  PyObject* given[2] = {};
  if (!PyArg_ParseTuple(arguments, "OO:pack_sketches", &given[0], &given[1])) return nullptr;
  Sketches sketches;
  if (!sketches.take(given[0], given[1])) return nullptr;
  return pack_rows(sketches.bins, sketches.pairs, sketches.rows);
}

PyObject* unpack_sketches(PyObject* /*module*/, PyObject* arguments) {
  PyObject* given[2] = {};
  if (!PyArg_ParseTuple(arguments, "OO:unpack_sketches", &given[0], &given[1])) return nullptr;
  View data;
  View ends;
  if (!data.take(given[0]) || !ends.take(given[1]) || !ends.take_as_whole()) return nullptr;
  const std::string_view text = data.text();
  const auto rows = static_cast<Py_ssize_t>(ends.text().size() / kWidth);
  const auto most = static_cast<Py_ssize_t>(text.size() * 2 * sizeof(uint32_t));
  const Held lengths(PyByteArray_FromStringAndSize(nullptr, rows * static_cast<Py_ssize_t>(sizeof(uint32_t))));
  const Held flat(lengths.get() == nullptr ? nullptr : PyByteArray_FromStringAndSize(nullptr, most));
  if (flat.get() == nullptr) return nullptr;
  auto* bins = reinterpret_cast<uint32_t*>(PyByteArray_AS_STRING(lengths.get()));
  auto* first = reinterpret_cast<uint32_t*>(PyByteArray_AS_STRING(flat.get()));
  uint32_t* out = first;
  Py_BEGIN_ALLOW_THREADS;
  size_t begin = 0;
  for (Py_ssize_t row = 0; row < rows && out != nullptr; ++row) {
    const auto end = static_cast<size_t>(ends.whole_at(row));
    uint32_t* before = out;
    const bool inside = begin <= end && end <= text.size();
    out = inside ? unpack_sketch(text.substr(begin, end - begin), out) : nullptr;
    if (out != nullptr) bins[row] = static_cast<uint32_t>((out - before) / 2);
    begin = end;
  }
  Py_END_ALLOW_THREADS;
  if (out == nullptr) Py_RETURN_NONE;
  const auto used = static_cast<Py_ssize_t>((out - first) * static_cast<Py_ssize_t>(sizeof(uint32_t)));
  return PyByteArray_Resize(flat.get(), used) == 0 ? PyTuple_Pack(2, lengths.get(), flat.get()) : nullptr;
}

PyObject* choose_bins(PyObject* /*module*/, PyObject* arguments) {
  PyObject* given[5] = {};
  Py_ssize_t dense = 0;
  if (!PyArg_ParseTuple(arguments, "OOOOOn:choose_bins", &given[0], &given[1], &given[2], &given[3], &given[4],
                        &dense)) {
    return nullptr;
  }
  Sketches sketches;
  View groups;
  View total;
  View rank;
  if (!sketches.take(given[1], given[2]) || !groups.take_column(given[0], sketches.rows)) return nullptr;
  if (!total.take(given[3])) return nullptr;
  const auto size = static_cast<Py_ssize_t>(total.text().size() / kWidth);
  if (!total.take_as_whole() || !rank.take_column(given[4], size)) return nullptr;
  if (groups.real() || rank.real()) {
    PyErr_SetString(PyExc_ValueError, "groups and ranks are whole numbers");
    return nullptr;
  }
  if (!fit(groups, sketches.rows, static_cast<size_t>(size))) return nullptr;
  std::vector<int64_t> chosen(static_cast<size_t>(size));
  bool laid_out = false;
  Py_BEGIN_ALLOW_THREADS;
  Table table;
  laid_out = table.lay_out(sketches, chosen.size(), static_cast<size_t>(dense));
  if (laid_out) {
    table.add(sketches, groups);
    for (size_t group = 0; group < chosen.size(); ++group) {
      const auto place = static_cast<Py_ssize_t>(group);
      chosen[group] = table.choose(group, total.whole_at(place), rank.whole_at(place));
    }
  }
  Py_END_ALLOW_THREADS;
  if (!laid_out) Py_RETURN_NONE;
  return PyByteArray_FromStringAndSize(reinterpret_cast<const char*>(chosen.data()), size * kWidth);
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

}  // namespace argus::python
