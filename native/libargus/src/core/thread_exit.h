// A call at each thread's end. Unlike a thread_local object's destructor, arming it allocates nothing, so it can be
// armed in a signal handler; armed again by a record that comes after the call, it comes again.
#pragma once

namespace argus::core {

// Once per process, before the first `arm`. `at_end` runs on each thread that has armed it.
void prepare_thread_exit(void (*at_end)() noexcept);

void arm_thread_exit() noexcept;

}  // namespace argus::core
