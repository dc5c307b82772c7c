# macOS by zig's C++ compiler (PyPI: ziglang), which brings Apple's headers and a libSystem to link against: enough to
# compile and link, not to run. ARGUS_ZIG is a Python that has ziglang, ARGUS_CPU x86_64 or aarch64.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ARGUS_ZIG ARGUS_CPU)
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_PROCESSOR ${ARGUS_CPU})
# The same kind of build from CMake's first probe on, and the small one: zig builds a libc++ for each kind.
set(zig_options -target ${ARGUS_CPU}-macos -Os)
set(CMAKE_C_COMPILER ${ARGUS_ZIG} -m ziglang cc ${zig_options})
set(CMAKE_CXX_COMPILER ${ARGUS_ZIG} -m ziglang c++ ${zig_options})
