// Functions of argus.wire._columns for the sketches of many rows, in the two arrays that columns.py describes.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

namespace argus::python {

PyObject* pack_sketches(PyObject* module, PyObject* arguments);
PyObject* unpack_sketches(PyObject* module, PyObject* arguments);
PyObject* number_fields(PyObject* module, PyObject* arguments);
PyObject* choose_bins(PyObject* module, PyObject* arguments);

}  // namespace argus::python
