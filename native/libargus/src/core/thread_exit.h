// A call at each thread's end. Unlike a thread_local object's destructor, arming it allocates nothing, so it can be
// armed in a signal handler; armed again by a record that comes after the call, it comes again.
#pragma once

namespace argus::core {

// Once per process, before the first `arm`. `at_end(own)` runs on each thread that has armed it, with what it armed.
void prepare_thread_exit(void (*at_end)(void* own) noexcept);

// `own` is not nullptr. False where the system has no room for it: then no call will come.
bool arm_thread_exit(void* own) noexcept;

#if defined(_WIN32)
// What this thread has armed; nullptr where it has not, and after the call.
void* armed_thread_exit() noexcept;
#endif

}  // namespace argus::core
