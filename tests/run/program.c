// What programs do that a parent has to bear: `program MODE`.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

// Prints everything a program inherits and can see of itself, the numbers of processes aside.
static int state(int count, char** words) {
  for (int i = 2; i < count; i++) printf("word %s\n", words[i]);
  char folder[4096];
  printf("folder %s\n", getcwd(folder, sizeof folder));
  mode_t mask = umask(0);
  printf("umask %03o\n", (unsigned)mask);
  for (int fd = 0; fd < 64; fd++) {
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0) printf("descriptor %d terminal %d\n", fd, isatty(fd));
  }
  for (int number = 1; number < 64; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) printf("ignored %d\n", number);
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    if (sigismember(&blocked, number) == 1) printf("blocked %d\n", number);
  }
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  printf("files %lu %lu\n", (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
  getrlimit(RLIMIT_CORE, &limit);
  printf("core %lu %lu\n", (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
  printf("variable %s\n", getenv("CANARY"));
  printf("group of its parent %d, session %d\n", getpgrp() == getpgid(getppid()), getsid(0) == getsid(getppid()));
  return 42;
}

static void on_signal(int number) {
  char text[32];
  int length = snprintf(text, sizeof text, "got %d\n", number);
  if (write(STDOUT_FILENO, text, (size_t)length) < 0) _exit(1);
  if (number == SIGUSR2) _exit(3);
}

// Says which signals come, until SIGUSR2; does not mind SIGTERM.
static int signals(void) {
  int heard[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGTERM};
  for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) signal(heard[i], on_signal);
  if (write(STDOUT_FILENO, "ready\n", 6) < 0) return 1;
  for (;;) pause();
}

// A conversation at a terminal: no echo, each key at once; `q` ends it.
static int keys(void) {
  struct winsize size = {0};
  struct termios attributes;
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  printf("terminals %d %d %d, %d columns, %s\n", isatty(0), isatty(1), isatty(2), size.ws_col,
         tcgetpgrp(0) == getpgrp() ? "in front" : "behind");
  tcgetattr(STDOUT_FILENO, &attributes);  // as curses does it
  attributes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  tcsetattr(STDOUT_FILENO, TCSANOW, &attributes);
  for (char key; read(STDIN_FILENO, &key, 1) == 1 && key != 'q';) {
    printf("key %d\n", key);
    fflush(stdout);
  }
  return 0;
}

int main(int count, char** words) {
  const char* mode = count > 1 ? words[1] : "";
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(mode, "state") == 0) return state(count, words);
  if (strcmp(mode, "signals") == 0) return signals();
  if (strcmp(mode, "keys") == 0) return keys();
  if (strcmp(mode, "crash") == 0) {
    fprintf(stderr, "about to fall\n");
    raise(SIGSEGV);
  }
  if (strcmp(mode, "close") == 0) {  // then works on
    for (int fd = 0; fd < 64; fd++) close(fd);
    usleep(50000);
    return 7;
  }
  if (strcmp(mode, "exec") == 0) {
    execlp("sh", "sh", "-c", "echo another; exit 5", (char*)NULL);
  }
  if (strcmp(mode, "daemon") == 0) {  // leaves somebody behind who goes on printing
    if (fork() != 0) return 0;
    setsid();
    char go;
    if (read(STDIN_FILENO, &go, 1) < 0) return 1;  // until the test has seen the parent's end
    printf("from the daemon\n");
    return 0;
  }
  fprintf(stderr, "no mode %s: %s\n", mode, strerror(EINVAL));
  return 2;
}
