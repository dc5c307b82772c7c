// Nothing of its own: the shared library is the whole static one (CMakeLists.txt).
#include <argus/client.h>

static_assert(ARGUS_ABI_VERSION == 1, "tests/native/libargus.py knows version 1");
