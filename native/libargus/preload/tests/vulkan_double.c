// Stands for Vulkan's loader: its own functions lead to those of the driver, which a device gives as well.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void* vkGetInstanceProcAddr(void* instance, const char* name);
void* vkGetDeviceProcAddr(void* device, const char* name);
int vkQueuePresentKHR(void* queue, const void* info);
int vkAllocateMemory(void* device, const void* info, const void* how, uint64_t* memory);
void vkFreeMemory(void* device, uint64_t memory, const void* how);
int frames_presented(void);

static int presented;
static uint64_t given;

int frames_presented(void) { return presented; }

static int driver_present(void* queue, const void* info) {
  (void)queue, (void)info;
  ++presented;
  return 0;
}

static int driver_allocate(void* device, const void* info, const void* how, uint64_t* memory) {
  (void)device, (void)info, (void)how;
  *memory = ++given;
  return 0;
}

static void driver_free(void* device, uint64_t memory, const void* how) { (void)device, (void)memory, (void)how; }

int vkQueuePresentKHR(void* queue, const void* info) { return driver_present(queue, info); }

int vkAllocateMemory(void* device, const void* info, const void* how, uint64_t* memory) {
  return driver_allocate(device, info, how, memory);
}

void vkFreeMemory(void* device, uint64_t memory, const void* how) { driver_free(device, memory, how); }

void* vkGetDeviceProcAddr(void* device, const char* name) {
  (void)device;
  if (strcmp(name, "vkQueuePresentKHR") == 0) return (void*)driver_present;
  if (strcmp(name, "vkAllocateMemory") == 0) return (void*)driver_allocate;
  if (strcmp(name, "vkFreeMemory") == 0) return (void*)driver_free;
  return NULL;
}

void* vkGetInstanceProcAddr(void* instance, const char* name) {
  (void)instance;
  return strcmp(name, "vkGetDeviceProcAddr") == 0 ? (void*)vkGetDeviceProcAddr : vkGetDeviceProcAddr(NULL, name);
}
