/* Runs a workload over a store, by a system that is compared with ours:
 *
 *     paging-peer SYSTEM WORKLOAD FILE BYTES BUFFER_BYTES THREADS ACCESSES SEED
 *
 *     SYSTEM     c            the pager of pager-floor.c
 *                mmap         mmap of the file; the caller limits memory by a cgroup
 *                mmap-random  the same with MADV_RANDOM
 *     WORKLOAD   read, update, write, sort
 *
 * and prints one line of JSON. Times include writing everything to the store at the end.
 *
 *     paging-peer prepare FILE BYTES         writes a store
 *     paging-peer uncache FILE               forgets what the page cache has of it
 *     paging-peer verify FILE BYTES SEED     checks that the store has what "write" stored
 */
#define _GNU_SOURCE
#include "pager-floor.h"
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (1ul << 20)
#define VERIFIED_EVERY 64

void die(const char *what)
{
    fprintf(stderr, "paging-peer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_file(const char *name, int flags)
{
    int file = open(name, O_RDWR | O_CLOEXEC | flags, 0600);
    if (file < 0 && errno == EINVAL) /* a file system without O_DIRECT */
        file = open(name, O_RDWR | O_CLOEXEC | (flags & ~O_DIRECT), 0600);
    if (file < 0)
        die(name);
    return file;
}

static void uncache(const char *name)
{
    int file = open_file(name, 0);
    if (fdatasync(file) < 0 || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0)
        die(name);
    close(file);
}

static void prepare(const char *name, size_t bytes)
{
    int file = open_file(name, O_CREAT | O_TRUNC | O_DIRECT);
    uint64_t *chunk = aligned_alloc(PAGE, CHUNK);
    for (size_t at = 0; at < bytes; at += CHUNK) {
        size_t length = bytes - at < CHUNK ? bytes - at : CHUNK;
        for (size_t i = 0; i < CHUNK / sizeof *chunk; i++)
            chunk[i] = at / sizeof *chunk + i;
        if (pwrite(file, chunk, length, (off_t)at) != (ssize_t)length)
            die(name);
    }
    free(chunk);
    if (fdatasync(file) < 0)
        die(name);
    close(file);
}

static int verify(const char *name, size_t bytes, uint64_t seed)
{
    int file = open_file(name, O_DIRECT), wrong = 0;
    uint64_t *words = aligned_alloc(PAGE, PAGE);
    for (size_t page = 0; page < bytes / PAGE; page += VERIFIED_EVERY) {
        if (pread(file, words, PAGE, (off_t)(page * PAGE)) != (ssize_t)PAGE)
            die(name);
        wrong |= words[0] != page * (PAGE / sizeof *words) || words[2] != seed + page;
    }
    free(words);
    close(file);
    if (wrong)
        fprintf(stderr, "paging-peer: %s does not have what was stored\n", name);
    return wrong;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* A counter of /proc/self/io, in MiB. */
static double transferred(const char *key)
{
    char name[64];
    double value;
    FILE *io = fopen("/proc/self/io", "r");
    while (io && fscanf(io, "%63s %lf", name, &value) == 2) {
        if (strcmp(name, key) == 0) {
            fclose(io);
            return value / (1 << 20);
        }
    }
    if (io)
        fclose(io);
    return 0; /* a kernel without task accounting */
}

static uint64_t kind_of(const char *workload)
{
    static const char *const names[] = { "read", "update", "write", "sort" };
    for (uint64_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(workload, names[i]) == 0)
            return i;
    }
    fprintf(stderr, "paging-peer: unknown workload %s\n", workload);
    exit(2);
}

static char *map_file(const char *name, size_t bytes, int random)
{
    int file = open_file(name, 0);
    char *p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (p == MAP_FAILED || (random && madvise(p, bytes, MADV_RANDOM) < 0))
        die(name);
    close(file);
    return p;
}

static int measure(char **argv)
{
    const char *system = argv[1], *name = argv[3];
    size_t bytes = strtoul(argv[4], 0, 10), buffer = strtoul(argv[5], 0, 10);
    int threads = atoi(argv[6]), ours = strcmp(system, "c") == 0;
    char *base = ours ? pager_start(open_file(name, O_DIRECT), bytes, buffer, threads)
                      : map_file(name, bytes, strcmp(system, "mmap-random") == 0);
    uint64_t request[REQUEST_WORDS] = { kind_of(argv[2]), (uintptr_t)base, bytes, (uint64_t)threads,
                                        strtoul(argv[7], 0, 10), strtoul(argv[8], 0, 10) };
    double r[RESULT_VALUES], cpu = cpu_seconds(), start = seconds();
    double read = transferred("read_bytes:"), written = transferred("write_bytes:");
    int wrong = workload_run(request, r);
    double done = seconds();
    if (ours)
        pager_flush();
    else if (msync(base, bytes, MS_SYNC) < 0)
        die("msync");
    double end = seconds();
    printf("{\"seconds\":%.6f,\"flush\":%.6f,\"cpu\":%.6f,\"read_mib\":%.3f,\"written_mib\":%.3f,"
           "\"accesses\":%.0f,\"fill\":%.6f,\"sort\":%.6f,\"check\":%.6f,\"waits\":%.0f,"
           "\"p50_us\":%.3f,\"p99_us\":%.3f,\"right\":%s}\n",
           end - start, end - done, cpu_seconds() - cpu, transferred("read_bytes:") - read,
           transferred("write_bytes:") - written, r[RESULT_ACCESSES], r[RESULT_FILL],
           r[RESULT_SORT], r[RESULT_CHECK], r[RESULT_WAITS], r[RESULT_P50_US], r[RESULT_P99_US],
           wrong ? "false" : "true");
    return wrong;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "prepare") == 0)
        prepare(argv[2], strtoul(argv[3], 0, 10));
    else if (argc == 3 && strcmp(argv[1], "uncache") == 0)
        uncache(argv[2]);
    else if (argc == 5 && strcmp(argv[1], "verify") == 0)
        return verify(argv[2], strtoul(argv[3], 0, 10), strtoul(argv[4], 0, 10));
    else if (argc == 9)
        return measure(argv);
    else
        return 2;
    return 0;
}
