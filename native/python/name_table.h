// name (and tags, as the caller wrote them) → cell, for one kind of series: what makes recording by name cheap.
//
// An open-addressing table keyed by the strings' cached hashes; strings are compared by identity first, since names and
// tags are usually literals. Tags in another order make another entry for the same series, which costs a little memory
// and is bounded: a table that reaches its limit is emptied.
//
// Thread rule: the caller holds the interpreter's lock, or on free-threaded builds the aggregator's critical section.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>
#include <vector>

namespace argus::python {

class NameTable {
 public:
  struct Entry {
    Py_hash_t hash = 0;
    PyObject* name = nullptr;     // owned; nullptr: the place is free
    std::vector<PyObject*> tags;  // owned: key, value, key, value …
    void* cell = nullptr;
    uint32_t slot = 0;
  };

  NameTable() : entries_(kFirst) {}
  ~NameTable() { clear(); }
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;

  // The entry of a name and tags (a dict, or nullptr), or nullptr. `name` must be an exact str; false hashes of odd
  // tag objects simply do not match, so the slow path gets to name what is wrong with them.
  const Entry* find(PyObject* name, PyObject* tags, Py_hash_t* hash) const {
    *hash = hash_of(name, tags);
    if (*hash == -1) return nullptr;
    for (size_t place = static_cast<size_t>(*hash) & mask();; place = (place + 1) & mask()) {
      const Entry& entry = entries_[place];
      if (entry.name == nullptr) return nullptr;
      if (entry.hash == *hash && same(entry, name, tags)) return &entry;
    }
  }

  // Remember an entry that `find` did not know; `hash` is what it returned.
  void insert(Py_hash_t hash, PyObject* name, PyObject* tags, void* cell, uint32_t slot) {
    if (hash == -1) return;
    if (used_ >= kMost) clear();
    if (2 * (used_ + 1) > entries_.size()) grow();
    Entry entry;
    entry.hash = hash;
    entry.name = Py_NewRef(name);
    entry.cell = cell;
    entry.slot = slot;
    if (tags != nullptr) {
      PyObject *key, *value;
      Py_ssize_t position = 0;
      while (PyDict_Next(tags, &position, &key, &value)) {
        entry.tags.push_back(Py_NewRef(key));
        entry.tags.push_back(Py_NewRef(value));
      }
    }
    place(std::move(entry));
    ++used_;
  }

  // Forget everything: after series expired.
  void clear() {
    std::vector<Entry> old(kFirst);
    old.swap(entries_);
    used_ = 0;
    for (Entry& entry : old) {
      Py_XDECREF(entry.name);
      for (PyObject* tag : entry.tags) Py_DECREF(tag);
    }
  }

 private:
  static constexpr size_t kFirst = 64;
  static constexpr size_t kMost = 65'536;

  size_t mask() const { return entries_.size() - 1; }

  static Py_hash_t hash_of(PyObject* name, PyObject* tags) {
    Py_uhash_t hash = static_cast<Py_uhash_t>(text_hash(name));
    if (tags == nullptr) return static_cast<Py_hash_t>(hash);
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(tags, &position, &key, &value)) {
      if (!PyUnicode_CheckExact(key) || !PyUnicode_CheckExact(value)) return -1;
      constexpr Py_uhash_t odd = 1000003;
      hash = hash * odd ^ static_cast<Py_uhash_t>(text_hash(key));
      hash = hash * odd ^ static_cast<Py_uhash_t>(text_hash(value));
    }
    return hash == static_cast<Py_uhash_t>(-1) ? -2 : static_cast<Py_hash_t>(hash);
  }

  // A str keeps its hash once it has been asked for.
  static Py_hash_t text_hash(PyObject* text) {
    const Py_hash_t known = reinterpret_cast<PyASCIIObject*>(text)->hash;
    return known != -1 ? known : PyObject_Hash(text);
  }

  static bool same_text(PyObject* a, PyObject* b) { return a == b || PyUnicode_Compare(a, b) == 0; }

  static bool same(const Entry& entry, PyObject* name, PyObject* tags) {
    if (!same_text(entry.name, name)) return false;
    const size_t size = tags == nullptr ? 0 : static_cast<size_t>(PyDict_GET_SIZE(tags));
    if (entry.tags.size() != 2 * size) return false;
    if (size == 0) return true;
    PyObject *key, *value;
    Py_ssize_t position = 0;
    for (size_t i = 0; PyDict_Next(tags, &position, &key, &value); i += 2) {
      if (!same_text(entry.tags[i], key) || !same_text(entry.tags[i + 1], value)) return false;
    }
    return true;
  }

  void place(Entry&& entry) {
    size_t at = static_cast<size_t>(entry.hash) & mask();
    while (entries_[at].name != nullptr) at = (at + 1) & mask();
    entries_[at] = std::move(entry);
  }

  void grow() {
    std::vector<Entry> old(2 * entries_.size());
    old.swap(entries_);
    for (Entry& entry : old) {
      if (entry.name != nullptr) place(std::move(entry));
    }
  }

  std::vector<Entry> entries_;
  size_t used_ = 0;
};

}  // namespace argus::python
