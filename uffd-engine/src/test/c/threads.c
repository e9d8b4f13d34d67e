/*
 * A process whose threads check that nothing of them changes while another process makes system calls
 * in them: the results of their own calls, all registers, signals, time. It prints its threads, one
 * "NAME TID" a line, then "ready". SIGTERM ends it, with the line
 *
 *     rounds N bad M
 *
 * and one line before it for each thing that was wrong. With the argument "trap" a seccomp filter raises
 * SIGSYS for getppid(2). With "vfork" the process is one thread that waits uninterruptibly.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_long rounds, bad, sent, queued, pressed;
static atomic_int stopping, started, sending = 1, sender_ended;
static pthread_t pressed_threads[2];
static int ping[2], pong[2], quiet[2];

static void wrong(const char *who, const char *what, long value) {
  if (atomic_fetch_add(&bad, 1) < 20) printf("%s: %s %ld\n", who, what, value);
}

static void begin(const char *name) {
  printf("%s %ld\n", name, syscall(SYS_gettid));
  atomic_fetch_add(&started, 1);
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/*
 * A wait of this length took at least as long, and was not begun again from its start each time that
 * it was interrupted. A busy machine may delay it.
 */
#define MOST_LATE_NANOS 3000000000LL
static void elapsed(const char *who, int64_t start, int64_t wanted) {
  int64_t took = now() - start;
  if (took < wanted) wrong(who, "woke after ns", took);
  if (took > wanted + MOST_LATE_NANOS) wrong(who, "woke late, after ns", took);
  atomic_fetch_add(&rounds, 1);
}

/* Round trips of bytes between two threads: no read or write may fail, be short or come twice. */
static void *reader(void *unused) {
  begin("read");
  for (unsigned char next = 0; !stopping; next++) {
    unsigned char got;
    long n = syscall(SYS_read, ping[0], &got, 1);
    if (n != 1 || got != next) wrong("read", n == 1 ? "got" : "returned", n == 1 ? got : -errno);
    if (syscall(SYS_write, pong[1], &got, 1) != 1) wrong("read", "write failed", errno);
    atomic_fetch_add(&rounds, 1);
  }
  return 0;
}

static void *writer(void *unused) {
  begin("write");
  for (unsigned char next = 0; !stopping; next++) {
    unsigned char got;
    if (syscall(SYS_write, ping[1], &next, 1) != 1) wrong("write", "write failed", errno);
    long n = syscall(SYS_read, pong[0], &got, 1);
    if (n != 1 || got != next) wrong("write", n == 1 ? "got" : "returned", n == 1 ? got : -errno);
    struct timespec pause = {0, 300000};
    if (syscall(SYS_nanosleep, &pause, 0)) wrong("write", "nanosleep failed", errno);
  }
  return 0;
}

/* Restarted by way of restart_syscall(2), with the rest of the time only. */
static void *sleeper(void *unused) {
  begin("nanosleep");
  while (!stopping) {
    struct timespec wait = {0, 200000000};
    int64_t start = now();
    if (syscall(SYS_nanosleep, &wait, 0)) wrong("nanosleep", "failed", errno);
    elapsed("nanosleep", start, 200000000);
  }
  return 0;
}

static void *poller(void *unused) {
  begin("poll");
  while (!stopping) {
    struct pollfd fd = {quiet[0], POLLIN, 0};
    int64_t start = now();
    long n = syscall(SYS_poll, &fd, 1, 150);
    if (n) wrong("poll", n < 0 ? "failed" : "returned", n < 0 ? errno : n);
    elapsed("poll", start, 150000000);
  }
  return 0;
}

static void *futex(void *unused) {
  begin("futex");
  while (!stopping) {
    int word = 1;
    struct timespec wait = {0, 100000000};
    int64_t start = now();
    long n = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, &wait, 0, 0);
    if (n != -1 || errno != ETIMEDOUT) wrong("futex", "returned", n ? errno : 0);
    elapsed("futex", start, 100000000);
  }
  return 0;
}

/* SIGRTMIN is unblocked in ppoll only: each arrives there, with its value, and nowhere else. */
static __thread atomic_int in_ppoll;

static void on_queued(int signal, siginfo_t *info, void *context) {
  if (!in_ppoll) wrong("ppoll", "signal outside of ppoll", signal);
  if (info->si_code != SI_QUEUE) wrong("ppoll", "si_code", info->si_code);
  atomic_fetch_add(&queued, info->si_value.sival_int);
}

/* Restarts the system call that it interrupts. */
static void on_pressed(int signal, siginfo_t *info, void *context) {
  atomic_fetch_add(&pressed, info->si_value.sival_int);
}

/* Signals with values 1, to the process for ppoll, and to two threads. */
static void *sender(void *unused) {
  begin("send");
  while (sending) {
    union sigval one = {1};
    for (int i = 0; i < 4; i++) {
      if (sigqueue(getpid(), SIGRTMIN, one)) wrong("send", "sigqueue", errno);
      for (int to = 0; to < 2; to++)
        if (pthread_sigqueue(pressed_threads[to], SIGRTMIN + 1, one)) wrong("send", "sigqueue", errno);
      atomic_fetch_add(&sent, 1);
      usleep(1000);
    }
    usleep(120000);
  }
  sender_ended = 1;
  return 0;
}

static void *ppoller(void *unused) {
  sigset_t blocked, open, now_blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGRTMIN);
  sigaddset(&blocked, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &blocked, 0);
  pthread_sigmask(SIG_SETMASK, 0, &open);
  sigdelset(&open, SIGRTMIN);
  begin("ppoll");
  while (!stopping) {
    struct pollfd fd = {quiet[0], POLLIN, 0};
    struct timespec wait = {0, 80000000};
    in_ppoll = 1;
    int64_t start = now();
    int n = ppoll(&fd, 1, &wait, &open);
    int error = errno;
    in_ppoll = 0;
    if (n > 0 || (n < 0 && error != EINTR)) wrong("ppoll", "returned", n < 0 ? error : n);
    if (n == 0) elapsed("ppoll", start, 80000000);
    pthread_sigmask(SIG_SETMASK, 0, &now_blocked);
    if (!sigismember(&now_blocked, SIGRTMIN) || !sigismember(&now_blocked, SIGUSR2)
        || sigismember(&now_blocked, SIGHUP))
      wrong("ppoll", "signal mask changed", 0);
  }
  return 0;
}

static void *epoller(void *unused) {
  int set = epoll_create1(0);
  begin("epoll");
  while (!stopping) {
    struct epoll_event event;
    int n = epoll_wait(set, &event, 1, 50);
    if (n > 0 || (n < 0 && errno != EINTR)) wrong("epoll", "returned", n < 0 ? errno : n);
    atomic_fetch_add(&rounds, 1);
  }
  return 0;
}

/* User mode only: every register and flag, and SSE state. */
static void *spinner(void *unused) {
  begin("spin");
  while (!stopping) {
    long failed = 0;
#if defined(__x86_64__)
    __asm__ volatile(
        "push %%rbp\n"
        "mov $0x1111, %%rax\n mov $0x2222, %%rbx\n mov $0x3333, %%rcx\n mov $0x4444, %%rdx\n"
        "mov $0x5555, %%rsi\n mov $0x6666, %%rdi\n mov $0x7777, %%rbp\n mov $0x8888, %%r8\n"
        "mov $0x9999, %%r9\n mov $0xaaaa, %%r10\n mov $0xbbbb, %%r11\n mov $0xcccc, %%r12\n"
        "mov $0xdddd, %%r13\n mov $0xeeee, %%r14\n"
        "movq %%r14, %%xmm7\n"
        "mov $20000, %%r15\n"
        "1: cmp $0x1111, %%rax\n jne 2f\n cmp $0x2222, %%rbx\n jne 2f\n cmp $0x3333, %%rcx\n jne 2f\n"
        "cmp $0x4444, %%rdx\n jne 2f\n cmp $0x5555, %%rsi\n jne 2f\n cmp $0x6666, %%rdi\n jne 2f\n"
        "cmp $0x7777, %%rbp\n jne 2f\n cmp $0x8888, %%r8\n jne 2f\n cmp $0x9999, %%r9\n jne 2f\n"
        "cmp $0xaaaa, %%r10\n jne 2f\n cmp $0xbbbb, %%r11\n jne 2f\n cmp $0xcccc, %%r12\n jne 2f\n"
        "cmp $0xdddd, %%r13\n jne 2f\n cmp $0xeeee, %%r14\n jne 2f\n"
        "stc\n jnc 2f\n"
        "dec %%r15\n jnz 1b\n"
        "movq %%xmm7, %%rax\n cmp %%rax, %%r14\n jne 2f\n"
        "xor %%eax, %%eax\n jmp 3f\n"
        "2: mov $1, %%eax\n"
        "3: pop %%rbp\n"
        : "=a"(failed)
        :
        : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
          "xmm7", "cc", "memory");
#endif
    if (failed) wrong("spin", "a register changed", failed);
    atomic_fetch_add(&rounds, 1);
  }
  return 0;
}

/* A system call in the middle: all registers but its result, rcx and r11 survive it. */
static void *caller(void *unused) {
  begin("registers");
  while (!stopping) {
    long result = 0, changed = 0;
#if defined(__x86_64__)
    struct timespec wait = {0, 1000000};
    __asm__ volatile(
        "push %%rbp\n"
        "mov $35, %%eax\n xor %%esi, %%esi\n"
        "mov $0x4444, %%rdx\n mov $0x2222, %%rbx\n mov $0x7777, %%rbp\n mov $0x8888, %%r8\n"
        "mov $0x9999, %%r9\n mov $0xaaaa, %%r10\n mov $0xcccc, %%r12\n mov $0xdddd, %%r13\n"
        "mov $0xeeee, %%r14\n mov %%rdi, %%r15\n"
        "syscall\n"
        "xor %%ecx, %%ecx\n"
        "cmp $0x4444, %%rdx\n jne 2f\n cmp $0x2222, %%rbx\n jne 2f\n cmp $0x7777, %%rbp\n jne 2f\n"
        "cmp $0x8888, %%r8\n jne 2f\n cmp $0x9999, %%r9\n jne 2f\n cmp $0xaaaa, %%r10\n jne 2f\n"
        "cmp $0xcccc, %%r12\n jne 2f\n cmp $0xdddd, %%r13\n jne 2f\n cmp $0xeeee, %%r14\n jne 2f\n"
        "cmp %%rdi, %%r15\n jne 2f\n test %%rsi, %%rsi\n jne 2f\n"
        "jmp 3f\n"
        "2: mov $1, %%ecx\n"
        "3: pop %%rbp\n"
        : "=a"(result), "=c"(changed)
        : "D"(&wait)
        : "rbx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc", "memory");
#endif
    if (result) wrong("registers", "nanosleep returned", result);
    if (changed) wrong("registers", "a register changed", changed);
    atomic_fetch_add(&rounds, 1);
  }
  return 0;
}

/* Threads that end at any time. */
static void *brief(void *unused) {
  return 0;
}

static void *mother(void *unused) {
  begin("brief");
  while (!stopping) {
    pthread_t child;
    if (pthread_create(&child, 0, brief, 0)) wrong("brief", "pthread_create", errno);
    pthread_join(child, 0);
    atomic_fetch_add(&rounds, 1);
    usleep(500);
  }
  return 0;
}

static void on_forced(int signal) {
  wrong("main", "got signal", signal);
}

static int trap_getppid(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int wait_uninterruptibly(void) {
  printf("main %d\nready\n", getpid());
  fflush(stdout);
  if (vfork() == 0) {
    syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
    syscall(SYS_pause);
    _exit(0);
  }
  return 0;
}

static void on_term(int signal) {
  sending = 0;
}

int main(int argc, char **argv) {
  static void *(*const all[])(void *) = {reader, spinner, writer, sleeper, poller, futex, ppoller,
                                         epoller, caller,  mother, sender};
  int count = sizeof all / sizeof *all;
  struct sigaction forced = {.sa_handler = on_forced};
  struct sigaction in_ppoll_only = {.sa_sigaction = on_queued, .sa_flags = SA_SIGINFO};
  struct sigaction anywhere = {.sa_sigaction = on_pressed, .sa_flags = SA_SIGINFO | SA_RESTART};
  struct sigaction term = {.sa_handler = on_term}, found;
  sigset_t blocked, main_mask;
  setvbuf(stdout, 0, _IOLBF, 0);
  if (argc > 1 && !strcmp(argv[1], "vfork")) return wait_uninterruptibly();
  if (pipe(ping) || pipe(pong) || pipe(quiet)) return 2;
  sigaction(SIGTRAP, &forced, 0);
  sigaction(SIGSYS, &forced, 0);
  sigaction(SIGRTMIN, &in_ppoll_only, 0);
  sigaction(SIGRTMIN + 1, &anywhere, 0);
  sigaction(SIGTERM, &term, 0);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGRTMIN);
  pthread_sigmask(SIG_BLOCK, &blocked, 0);
  if (argc > 1 && !strcmp(argv[1], "trap") && trap_getppid()) return 2;
  for (int i = 0; i < count; i++) {
    pthread_t thread;
    if (pthread_create(&thread, 0, all[i], 0)) return 2;
    if (i < 2) pressed_threads[i] = thread;
  }
  while (started < count) usleep(1000);
  printf("main %ld\nready\n", syscall(SYS_gettid));
  pthread_sigmask(SIG_SETMASK, 0, &main_mask);
  sigdelset(&main_mask, SIGTERM);
  while (sending) sigsuspend(&main_mask);
  for (int i = 0; i < 6000 && (!sender_ended || queued != sent || pressed != 2 * sent); i++) usleep(10000);
  sigaction(SIGTRAP, 0, &found);
  if (found.sa_handler != on_forced) wrong("main", "handler of SIGTRAP changed", 0);
  sigaction(SIGSYS, 0, &found);
  if (found.sa_handler != on_forced) wrong("main", "handler of SIGSYS changed", 0);
  if (queued != sent) wrong("ppoll", "lost signals", sent - queued);
  if (pressed != 2 * sent) wrong("read and spin", "lost signals", 2 * sent - pressed);
  stopping = 1;
  printf("rounds %ld bad %ld\n", (long)rounds, (long)bad);
  _exit(0);
}
