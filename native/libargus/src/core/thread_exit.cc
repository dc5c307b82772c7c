#include "thread_exit.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <pthread.h>
#endif

namespace argus::core {

namespace {

void (*call)(void* own) noexcept = nullptr;

#if defined(_WIN32)
DWORD key = FLS_OUT_OF_INDEXES;

using Question = BOOLEAN(WINAPI*)();
Question process_ends = nullptr;

void WINAPI thread_ends(void* own) {
  // The process' last thread ends too, after the system has stopped the others wherever they were: one of them may have
  // held the lock that `call` takes.
  if (process_ends != nullptr && process_ends() != FALSE) return;
  FlsSetValue(key, nullptr);
  call(own);
}
#else
pthread_key_t key;
bool made = false;

void thread_ends(void* own) { call(own); }
#endif

}  // namespace

#if defined(_WIN32)

void prepare_thread_exit(void (*at_end)(void* own) noexcept) {
  call = at_end;
  const FARPROC found = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlDllShutdownInProgress");
  process_ends = reinterpret_cast<Question>(reinterpret_cast<void (*)()>(found));
  key = FlsAlloc(thread_ends);
}

bool arm_thread_exit(void* own) noexcept { return key != FLS_OUT_OF_INDEXES && FlsSetValue(key, own) != FALSE; }

void* armed_thread_exit() noexcept { return key != FLS_OUT_OF_INDEXES ? FlsGetValue(key) : nullptr; }

#else

void prepare_thread_exit(void (*at_end)(void* own) noexcept) {
  call = at_end;
  made = pthread_key_create(&key, thread_ends) == 0;
}

bool arm_thread_exit(void* own) noexcept { return made && pthread_setspecific(key, own) == 0; }

#endif

}  // namespace argus::core
