// A program that is linked with OpenGL. Prints how many frames OpenGL has seen; what it does first is its argument.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gl_double.h"

static void show(int frames, unsigned long window) {
  for (int i = 0; i < frames; ++i) glXSwapBuffers(NULL, window);
}

static void frames(void) { show(100, 1); }

// Two windows by turns: the time of a frame is its own window's.
static void windows(void) {
  for (int i = 0; i < 50; ++i) {
    show(1, 1);
    nanosleep(&(struct timespec){0, 1000000}, NULL);
    show(1, 2);
  }
}

static void lost_surface(void) {
  int surface = 0;
  for (int i = 0; i < 10; ++i) eglSwapBuffers(NULL, i % 2 == 0 ? &surface : NULL);
}

static void* draw(void* window) {
  show(20000, (unsigned long)window);
  return NULL;
}

static void threads(void) {
  pthread_t drawing[4];
  for (unsigned long i = 0; i < 4; ++i) pthread_create(&drawing[i], NULL, draw, (void*)(i + 1));  // NOLINT
  for (int i = 0; i < 4; ++i) pthread_join(drawing[i], NULL);
}

static void forked(void) {
  show(10, 1);
  if (fork() == 0) {
    show(5, 1);
    _exit(0);
  }
  if (fork() == 0) _exit(0);  // draws nothing
  wait(NULL);
  wait(NULL);
}

static void executed(const char* program) {
  show(10, 1);
  execl(program, program, "frames", (char*)NULL);
  perror(program);
}

static void without_descriptors(void) {
  show(1, 1);
  for (int i = 3; i < 1024; ++i) close(i);
  unsetenv("ARGUS_RUN_DIR");
  if (chdir("/proc") != 0) perror("/proc");
  show(99, 1);
}

// From here on, opening or mapping anything ends the process at once.
static void locked_in(void) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_readlink, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  struct sock_fprog filter = {sizeof rules / sizeof rules[0], rules};
  printf("%d\n", 0);  // its buffer is made before
  fflush(stdout);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) exit(77);
  show(100, 1);
}

static void image(unsigned texture, unsigned target, int level, int format, int size) {
  glBindTexture(GL_TEXTURE_2D, texture);
  glTexImage2D(target, level, format, size, size, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
}

static void textures(void) {
  const unsigned gone = 2;
  image(1, GL_TEXTURE_2D, 0, GL_RGBA8, 512);   // 1 MiB, and then again, smaller:
  image(1, GL_TEXTURE_2D, 0, GL_RGBA8, 256);   // 262 144
  image(2, GL_TEXTURE_2D, 0, GL_RGBA8, 1024);  // deleted
  glDeleteTextures(1, &gone);
  glDeleteTextures(1, &gone);
  image(3, GL_TEXTURE_2D, 0, GL_R8, 300);  // 90 000, a third more with smaller levels
  glGenerateMipmap(GL_TEXTURE_2D);
  for (unsigned face = 0; face < 6; ++face) image(4, GL_TEXTURE_CUBE_MAP_POSITIVE_X + face, 0, GL_RGBA, 10);  // 2 400
  image(5, GL_PROXY_TEXTURE_2D, 0, GL_RGBA8, 4096);  // a question, no texture
  glBindTexture(GL_TEXTURE_2D, 6);
  glCompressedTexImage2D(GL_TEXTURE_2D, 0, GL_COMPRESSED_DXT1, 64, 64, 0, 2048, NULL);  // 2 048
  glBindTexture(GL_TEXTURE_2D, 7);
  glTexStorage2D(GL_TEXTURE_CUBE_MAP, 1, GL_COMPRESSED_DXT1, 64, 64);  // 12 288
}

static void many_textures(void) {
  for (unsigned i = 1; i <= 20000; ++i) image(i, GL_TEXTURE_2D, 0, GL_R8, 10);
}

static void texture_churn(void) {
  for (unsigned i = 1; i <= 100000; ++i) {
    image(i, GL_TEXTURE_2D, 0, GL_R8, 10);
    const unsigned old = i - 100;
    if (i > 100) glDeleteTextures(1, &old);
  }
}

int main(int count, char** arguments) {
  const struct {
    const char* name;
    void (*run)(void);
  } scenarios[] = {
      {"frames", frames},
      {"windows", windows},
      {"lost-surface", lost_surface},
      {"threads", threads},
      {"forked", forked},
      {"without-descriptors", without_descriptors},
      {"locked-in", locked_in},
      {"textures", textures},
      {"many-textures", many_textures},
      {"texture-churn", texture_churn},
  };
  const char* wanted = count > 1 ? arguments[1] : "";
  if (strcmp(wanted, "executed") == 0) executed(arguments[2]);
  for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; ++i) {
    if (strcmp(wanted, scenarios[i].name) == 0) {
      scenarios[i].run();
      printf("%d\n", frames_shown());
      return 0;
    }
  }
  fprintf(stderr, "no scenario %s\n", wanted);
  return 2;
}
