#include "thread_exit.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <pthread.h>
#endif

namespace argus::core {

namespace {

void (*call)() noexcept = nullptr;

#if defined(_WIN32)
DWORD key = FLS_OUT_OF_INDEXES;

void WINAPI thread_ends(void*) { call(); }
#else
pthread_key_t key;
bool made = false;

void thread_ends(void*) { call(); }
#endif

}  // namespace

void prepare_thread_exit(void (*at_end)() noexcept) {
  call = at_end;
#if defined(_WIN32)
  key = FlsAlloc(thread_ends);
#else
  made = pthread_key_create(&key, thread_ends) == 0;
#endif
}

// Where the system has no key left, a thread's shard stays its own: memory, but no record, is spent.
void arm_thread_exit() noexcept {
#if defined(_WIN32)
  if (key != FLS_OUT_OF_INDEXES) FlsSetValue(key, &call);
#else
  if (made) pthread_setspecific(key, &call);
#endif
}

}  // namespace argus::core
