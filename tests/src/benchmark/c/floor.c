/* The loops of the JMH benchmarks in io.faultline.tests.benchmark, in C: the cost of the calls without
 * a JVM. "floor OPERATION" prints a line "OPERATION nanoseconds" for each of three windows of half a
 * second. "floor OPERATION threads" adds a second thread to the process, which only sleeps: with two
 * threads or more, the kernel counts references to a file descriptor with atomic operations. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef UFFDIO_MOVE /* headers before Linux 6.8 */
struct uffdio_move { uint64_t dst, src, len, mode; int64_t move; };
#define UFFDIO_MOVE _IOWR(0xAA, 5, struct uffdio_move)
#endif

#define CHECK(x) do { if ((x) < 0) { perror(#x); exit(1); } } while (0)
enum { BYTES = 64 << 20, PAGE = 4096, PAGES = BYTES / PAGE, THREADS = 64, WARM = 1, WINDOWS = 3 };
#define WINDOW_NANOS 500000000ull

static int fd;
static char *target, *source;
static size_t copy_bytes;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    CHECK(sched_setaffinity(0, sizeof set, &set));
}

static void open_uffd(int flags)
{
    struct uffdio_api api = { UFFD_API, 0, 0 };
    fd = syscall(SYS_userfaultfd, O_CLOEXEC | flags);
    CHECK(fd);
    CHECK(ioctl(fd, UFFDIO_API, &api));
}

static char *map(int file)
{
    int flags = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    char *p = mmap(0, BYTES, PROT_READ | PROT_WRITE, flags, file, 0);
    CHECK(p == MAP_FAILED ? -1 : 0);
    CHECK(madvise(p, BYTES, MADV_NOHUGEPAGE));
    return p;
}

static char *filled(int file)
{
    return memset(map(file), 7, BYTES);
}

static char *registered(char *p, uint64_t mode)
{
    struct uffdio_register r = { { (uintptr_t)p, BYTES }, mode, 0 };
    CHECK(ioctl(fd, UFFDIO_REGISTER, &r));
    return p;
}

static void drop(void)
{
    CHECK(madvise(target, BYTES, MADV_DONTNEED));
}

static void copy_page(uint64_t to, size_t bytes)
{
    struct uffdio_copy c = { to, (uintptr_t)source, bytes, 0, 0 };
    CHECK(ioctl(fd, UFFDIO_COPY, &c));
}

static void copy(void)
{
    for (size_t at = 0; at < BYTES; at += copy_bytes)
        copy_page((uintptr_t)target + at, copy_bytes);
}

static void zero_page(void)
{
    for (size_t at = 0; at < BYTES; at += PAGE) {
        struct uffdio_zeropage z = { { (uintptr_t)target + at, PAGE }, 0, 0 };
        CHECK(ioctl(fd, UFFDIO_ZEROPAGE, &z));
    }
}

static void continue_(void)
{
    for (size_t at = 0; at < BYTES; at += PAGE) {
        struct uffdio_continue c = { { (uintptr_t)target + at, PAGE }, 0, 0 };
        CHECK(ioctl(fd, UFFDIO_CONTINUE, &c));
    }
}

static void move(void)
{
    for (size_t at = 0; at < BYTES; at += PAGE) {
        struct uffdio_move m = { (uintptr_t)target + at, (uintptr_t)source + at, PAGE, 0, 0 };
        CHECK(ioctl(fd, UFFDIO_MOVE, &m));
    }
    char *emptied = source;
    source = target;
    target = emptied;
}

static void wake_range(char *p, size_t bytes)
{
    struct uffdio_range r = { (uintptr_t)p, bytes };
    CHECK(ioctl(fd, UFFDIO_WAKE, &r));
}

static void wake(void)
{
    for (size_t at = 0; at < BYTES; at += PAGE)
        wake_range(target + at, PAGE);
}

static void read_nothing(void)
{
    struct uffd_msg m[16];
    for (int i = 0; i < PAGES; i++)
        if (read(fd, m, sizeof m) != -1 || errno != EAGAIN)
            exit(1);
}

static void read_fault(void)
{
    struct uffd_msg m;
    for (int i = 0; i < THREADS; i++)
        CHECK(read(fd, &m, sizeof m));
}

static void *touch(void *page)
{
    pin(1);
    (void)*(volatile char *)page;
    return 0;
}

/* Wakes the threads without their pages, and waits until all have faulted again. */
static void queue_faults(void)
{
    static int info = -1;
    char text[512];
    int pending = 0;
    if (info < 0) {
        snprintf(text, sizeof text, "/proc/self/fdinfo/%d", fd);
        info = open(text, O_RDONLY);
        CHECK(info);
    }
    wake_range(target, THREADS * PAGE);
    while (pending < THREADS) {
        ssize_t n = pread(info, text, sizeof text - 1, 0);
        CHECK(n);
        text[n] = 0;
        pending = atoi(strstr(text, "pending:") + 8);
    }
}

static void nothing(void) {}

/* Repeats the loop, for one window to warm up and three that are printed. */
static void measure(const char *name, void (*prepare)(void), void (*loop)(void), int calls)
{
    for (int window = -WARM; window < WINDOWS; window++) {
        uint64_t spent = 0, passes = 0, end = now() + WINDOW_NANOS;
        do {
            prepare();
            uint64_t start = now();
            loop();
            spent += now() - start;
            passes++;
        } while (now() < end);
        if (window >= 0)
            printf("%s %.1f\n", name, (double)spent / passes / calls);
    }
}

static void *handle(void *unused)
{
    struct uffd_msg m[16];
    pin(1);
    for (;;) {
        ssize_t n = read(fd, m, sizeof m);
        if (n < 0 && errno != EAGAIN)
            CHECK(n);
        for (ssize_t i = 0; i < n / (ssize_t)sizeof *m; i++)
            copy_page(m[i].arg.pagefault.address, PAGE);
    }
    return unused;
}

static void *sleep_on(void *unused)
{
    pause();
    return unused;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void fault(const char *name)
{
    enum { MOST = 1 << 20 };
    uint64_t *took = malloc(MOST * sizeof *took);
    pthread_t thread;
    size_t at = 0;
    pthread_create(&thread, 0, handle, 0);
    for (int window = -WARM; window < WINDOWS; window++) {
        uint64_t end = now() + WINDOW_NANOS, start = 0;
        size_t n = 0;
        while (start < end && n < MOST) {
            if ((at += PAGE) == BYTES) {
                at = 0;
                drop();
            }
            start = now();
            (void)*(volatile char *)(target + at);
            took[n++] = now() - start;
        }
        qsort(took, n, sizeof *took, by_value);
        if (window >= 0)
            printf("%s.p50 %lu\n%s.p99 %lu\n", name, took[n / 2], name, took[n * 99 / 100]);
    }
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    pthread_t sleeper;
    pin(0);
    if (argc > 2)
        pthread_create(&sleeper, 0, sleep_on, 0);
    open_uffd(strcmp(name, "faultBlocking") ? O_NONBLOCK : 0);
    if (!strcmp(name, "continue4KiB")) {
        int file = memfd_create("floor", 0);
        CHECK(ftruncate(file, BYTES));
        target = registered(filled(file), UFFDIO_REGISTER_MODE_MINOR);
        measure(name, drop, continue_, PAGES);
        return 0;
    }
    source = filled(-1);
    target = registered(map(-1), UFFDIO_REGISTER_MODE_MISSING);
    copy_bytes = !strcmp(name, "copy4KiB") ? 4 << 10 : !strcmp(name, "copy64KiB") ? 64 << 10
        : !strcmp(name, "copy2MiB") ? 2 << 20 : 0;
    if (copy_bytes)
        measure(name, drop, copy, BYTES / copy_bytes);
    else if (!strcmp(name, "zeroPage4KiB"))
        measure(name, drop, zero_page, PAGES);
    else if (!strcmp(name, "move4KiB")) {
        registered(source, UFFDIO_REGISTER_MODE_MISSING);
        measure(name, nothing, move, PAGES);
    } else if (!strcmp(name, "wakeNobody"))
        measure(name, nothing, wake, PAGES);
    else if (!strcmp(name, "readNothing"))
        measure(name, nothing, read_nothing, PAGES);
    else if (!strcmp(name, "readFault")) {
        for (int i = 0; i < THREADS; i++) {
            pthread_t thread;
            pthread_create(&thread, 0, touch, target + i * PAGE);
        }
        measure(name, queue_faults, read_fault, THREADS);
    } else if (!strncmp(name, "fault", 5))
        fault(name);
    else
        return 2;
    return 0;
}
