/*
 * Runs a program and writes what it took to a file:
 *
 *     measured RESULT CGROUP FILE PROGRAM ARGUMENTS...
 *
 * CGROUP is the directory of a cgroup for the program, FILE one to drop from the page cache before;
 * either may be "-". RESULT gets one line: nanoseconds of wall time; microseconds of CPU time, user and
 * system; blocks of 512 bytes that were read and written (getrusage(2)). Exits as the program does, or
 * with 128 and the number of its signal. The program ends with this process.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(127);
}

static void drop_from_page_cache(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fsync(fd) < 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0) die(path);
  close(fd);
}

static void enter(const char *cgroup) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
  FILE *processes = fopen(path, "w");
  if (processes == NULL || fputs("0\n", processes) < 0 || fclose(processes) != 0) die(path);
}

static long long nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long micros(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

int main(int count, char **arguments) {
  if (count < 5) {
    fprintf(stderr, "measured RESULT CGROUP FILE PROGRAM ARGUMENTS...\n");
    return 127;
  }
  if (strcmp(arguments[3], "-") != 0) drop_from_page_cache(arguments[3]);
  pid_t parent = getpid();
  long long start = nanos();
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127); /* it had ended before the call */
    if (strcmp(arguments[2], "-") != 0) enter(arguments[2]);
    execv(arguments[4], arguments + 4);
    die(arguments[4]);
  }
  int status;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) < 0) die("wait4");
  long long wall = nanos() - start;
  FILE *result = fopen(arguments[1], "w");
  if (result == NULL) die(arguments[1]);
  fprintf(result, "%lld %lld %lld %ld %ld\n", wall, micros(usage.ru_utime), micros(usage.ru_stime),
          usage.ru_inblock, usage.ru_oublock);
  if (fclose(result) != 0) die(arguments[1]);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
