/* Saving memory as QEMU's background snapshot does, and writing the same bytes alone.
 *
 *     snapshot-peer qemu BYTES FILE SEED
 *     snapshot-peer plain BYTES FILE SEED
 *
 * QEMU's way: all memory is write-protected while the guest is paused; a page that the guest writes
 * goes to its place in the file, then it is released. Unlike QEMU's, the thread that serves faults
 * does nothing else. Both ways write past the page cache and make the file durable. Prints one line
 * of JSON. */
#define _GNU_SOURCE
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STEP_PAGES 256ul
#define WARM_UP_MICROS 300000

enum { PROTECTED, TAKEN, SAVED };

static uint64_t guest[GUEST_WORDS];
static size_t pages;
static char *memory;
static uint8_t *states;
static int uffd, file;
static volatile int saved;
static size_t faults;

static void die(const char *what)
{
    fprintf(stderr, "snapshot-peer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double millis(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void write_all(const char *from, size_t bytes, off_t offset)
{
    if (pwrite(file, from, bytes, offset) != (ssize_t)bytes)
        die("pwrite");
}

static void protect(size_t page, size_t count, int on)
{
    struct uffdio_writeprotect w = { .range = { (uintptr_t)memory + page * PAGE, count * PAGE },
                                     .mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0 };
    while (ioctl(uffd, UFFDIO_WRITEPROTECT, &w) < 0)
        if (errno != EAGAIN)
            die("UFFDIO_WRITEPROTECT");
}

static int take(size_t page)
{
    uint8_t expected = PROTECTED;
    return __atomic_compare_exchange_n(&states[page], &expected, TAKEN, 0, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

static void release(size_t page, size_t count)
{
    for (size_t i = page; i < page + count; i++)
        __atomic_store_n(&states[i], SAVED, __ATOMIC_RELEASE);
    protect(page, count, 0);
}

static void serve(size_t page, char *copy)
{
    faults++;
    if (take(page)) {
        memcpy(copy, memory + page * PAGE, PAGE);
        write_all(copy, PAGE, (off_t)(page * PAGE));
        release(page, 1);
    } else if (__atomic_load_n(&states[page], __ATOMIC_ACQUIRE) == SAVED) {
        protect(page, 1, 0);
    }
}

static void *serve_faults(void *unused)
{
    struct pollfd poller = { uffd, POLLIN, 0 };
    struct uffd_msg message;
    char *copy = aligned_alloc(PAGE, PAGE);
    (void)unused;
    while (!saved)
        if (poll(&poller, 1, 20) > 0 && read(uffd, &message, sizeof message) == sizeof message)
            serve((message.arg.pagefault.address - (uintptr_t)memory) / PAGE, copy);
    free(copy);
    return 0;
}

static void save(void)
{
    for (size_t page = 0; page < pages;) {
        size_t count = 0;
        while (page + count < pages && count < STEP_PAGES && take(page + count))
            count++;
        if (count > 0) {
            write_all(memory + page * PAGE, count * PAGE, (off_t)(page * PAGE));
            release(page, count);
        }
        page += count > 0 ? count : 1;
    }
    for (size_t page = 0; page < pages; page++)
        while (__atomic_load_n(&states[page], __ATOMIC_ACQUIRE) != SAVED)
            sched_yield();
}

static void register_memory(void)
{
    struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
    struct uffdio_register r = { .range = { (uintptr_t)memory, pages * PAGE },
                                 .mode = UFFDIO_REGISTER_MODE_WP };
    uffd = (int)syscall(SYS_userfaultfd, O_NONBLOCK | O_CLOEXEC);
    if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) < 0)
        die("userfaultfd");
    if (ioctl(uffd, UFFDIO_REGISTER, &r) < 0)
        die("UFFDIO_REGISTER");
}

/* The image of all pages equals the guest's memory at its pause. */
static int is_right(uint64_t writes)
{
    char *read = aligned_alloc(PAGE, STEP_PAGES * PAGE);
    uint64_t *counters = malloc(pages * sizeof *counters), wrong = 0;
    guest[GUEST_WRITES] = writes;
    guest_replay(guest, counters);
    for (size_t page = 0; page < pages; page += STEP_PAGES) {
        size_t count = pages - page < STEP_PAGES ? pages - page : STEP_PAGES;
        if (pread(file, read, count * PAGE, (off_t)(page * PAGE)) != (ssize_t)(count * PAGE))
            die("pread");
        for (size_t i = 0; i < count; i++) {
            const uint64_t *words = (const uint64_t *)(read + i * PAGE);
            wrong += words[0] != page + i + 1 || words[1] != counters[page + i];
        }
    }
    return wrong == 0;
}

static void snapshot(void)
{
    double result[RESULT_VALUES];
    pthread_t server;
    states = calloc(pages, 1);
    if (states == 0 || posix_fallocate(file, 0, (off_t)(pages * PAGE)) != 0)
        die("posix_fallocate");
    register_memory();
    if (guest_start(guest, 0) != 0)
        die("guest_start");
    usleep(WARM_UP_MICROS);
    double start = millis();
    guest_pause(guest, 0);
    uint64_t writes = guest[GUEST_WRITES];
    protect(0, pages, 1);
    guest[GUEST_TIMED] = 1;
    guest_resume(guest, 0);
    double pause = millis() - start;
    if (pthread_create(&server, 0, serve_faults, 0) != 0)
        die("pthread_create");
    save();
    if (fdatasync(file) < 0)
        die("fdatasync");
    double total = millis() - start;
    guest_end(guest, result);
    saved = 1;
    pthread_join(server, 0);
    printf("{\"pause_ms\":%.3f,\"total_ms\":%.3f,\"faults\":%zu,\"writes\":%.0f,\"p50_us\":%.3f,"
           "\"p99_us\":%.3f,\"max_us\":%.3f,\"right\":%s}\n",
           pause, total, faults, result[RESULT_WRITES], result[RESULT_P50_US],
           result[RESULT_P99_US], result[RESULT_MAX_US], is_right(writes) ? "true" : "false");
}

static void plain(void)
{
    double start = millis();
    for (size_t page = 0; page < pages; page += STEP_PAGES) {
        size_t count = pages - page < STEP_PAGES ? pages - page : STEP_PAGES;
        write_all(memory + page * PAGE, count * PAGE, (off_t)(page * PAGE));
    }
    if (fdatasync(file) < 0)
        die("fdatasync");
    printf("{\"total_ms\":%.3f,\"right\":%s}\n", millis() - start, is_right(0) ? "true" : "false");
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    pages = strtoul(argv[2], 0, 10) / PAGE;
    memory = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    madvise(memory, pages * PAGE, MADV_NOHUGEPAGE);
    guest[GUEST_BASE] = (uintptr_t)memory;
    guest[GUEST_BYTES] = pages * PAGE;
    guest[GUEST_SEED] = strtoul(argv[4], 0, 10);
    guest_fill(guest, 0);
    file = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_DIRECT, 0600);
    if (file < 0)
        die(argv[3]);
    if (strcmp(argv[1], "qemu") == 0)
        snapshot();
    else if (strcmp(argv[1], "plain") == 0)
        plain();
    else
        return 2;
    return 0;
}
