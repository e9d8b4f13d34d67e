/* What evicting dirty pages costs without writing them anywhere, as a pager without UFFDIO_MOVE does
 * it: write-protect, copy out, drop.
 *
 *     evict-floor RUN_PAGES ROUNDS
 *
 * Prints one line of JSON: the median of the rounds in nanoseconds per page. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul
#define PAGES 16384ul /* 64 MiB */
#define FILL 64ul

static void die(const char *what)
{
    fprintf(stderr, "evict-floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static char *map(size_t pages)
{
    char *p = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        die("mmap");
    madvise(p, pages * PAGE, MADV_NOHUGEPAGE);
    return p;
}

static double nanos(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    size_t run = argc == 3 ? strtoul(argv[1], 0, 10) : 0;
    int rounds = argc == 3 ? atoi(argv[2]) : 0;
    if (run == 0 || PAGES % run != 0 || rounds < 1)
        return 2;
    int uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
    if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) < 0)
        die("userfaultfd");
    char *region = map(PAGES), *out = map(run), *contents = map(FILL);
    memset(contents, 7, FILL * PAGE);
    memset(out, 7, run * PAGE);
    struct uffdio_register r = { .range = { (uintptr_t)region, PAGES * PAGE },
                                 .mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP };
    if (ioctl(uffd, UFFDIO_REGISTER, &r) < 0)
        die("UFFDIO_REGISTER");
    double *values = calloc((size_t)rounds + 1, sizeof *values);
    for (int round = 0; round <= rounds; round++) { /* the first backs the frames, and is left out */
        for (size_t i = 0; i < PAGES; i += FILL) {
            struct uffdio_copy c = { .dst = (uintptr_t)(region + i * PAGE),
                                     .src = (uintptr_t)contents, .len = FILL * PAGE };
            if (ioctl(uffd, UFFDIO_COPY, &c) < 0)
                die("UFFDIO_COPY");
        }
        double start = nanos();
        for (size_t i = 0; i < PAGES; i += run) {
            struct uffdio_writeprotect w = {
                .range = { (uintptr_t)(region + i * PAGE), run * PAGE },
                .mode = UFFDIO_WRITEPROTECT_MODE_WP
            };
            if (ioctl(uffd, UFFDIO_WRITEPROTECT, &w) < 0)
                die("UFFDIO_WRITEPROTECT");
            memcpy(out, region + i * PAGE, run * PAGE);
            if (madvise(region + i * PAGE, run * PAGE, MADV_DONTNEED) < 0)
                die("madvise");
        }
        values[round] = (nanos() - start) / (double)PAGES;
    }
    qsort(values + 1, (size_t)rounds, sizeof *values, compare);
    printf("{\"page_ns\":%.1f}\n", values[1 + rounds / 2]);
    return 0;
}
