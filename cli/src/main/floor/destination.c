/* The process whose memory is missing: touches it, fetches faulting pages, and measures the time. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "floor.h"

static int userfault = -1;
static atomic_ulong placed;
static atomic_int done;
static uint64_t *latencies, count;

static void place(uint64_t page, uint64_t count, const char *from)
{
    struct uffdio_copy copy = { .dst = (uint64_t)(memory + page * PAGE), .src = (uint64_t)from,
                                .len = count * PAGE };
    if (ioctl(userfault, UFFDIO_COPY, &copy) < 0)
        die("UFFDIO_COPY");
    atomic_fetch_add(&placed, count);
}

static void receive_answer(char *buffer)
{
    struct run header;
    if (!receive(urgent, &header, sizeof header) || !receive(urgent, buffer, PAGE))
        die("the source is gone");
    place(header.first, 1, buffer);
}

static void send_requests(void)
{
    struct uffd_msg messages[16];
    uint64_t requested[16];
    ssize_t n = read(userfault, messages, sizeof messages);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0)
        die("read of userfaultfd");
    size_t count = (size_t)n / sizeof *messages;
    for (size_t i = 0; i < count; i++)
        requested[i] = (messages[i].arg.pagefault.address - (uint64_t)memory) / PAGE;
    transmit(urgent, requested, count * sizeof *requested, 0);
}

static void *handle_faults(void *unused)
{
    char *buffer = aligned_alloc(PAGE, PAGE);
    struct pollfd ready[2] = { { .fd = userfault, .events = POLLIN },
                               { .fd = urgent, .events = POLLIN } };
    while (!atomic_load(&done)) {
        if (poll(ready, 2, 20) < 0)
            die("poll");
        if (ready[1].revents)
            receive_answer(buffer);
        if (ready[0].revents)
            send_requests();
    }
    free(buffer);
    return unused;
}

/* Returns the elapsed nanoseconds. */
static uint64_t receive_bulk(int keep)
{
    char *buffer = aligned_alloc(PAGE, RUN_PAGES * PAGE);
    uint64_t start = now();
    for (struct run header;;) {
        if (!receive(bulk, &header, sizeof header))
            die("the source is gone");
        if (header.first == END)
            break;
        if (!receive(bulk, buffer, header.pages * PAGE))
            die("the source is gone");
        if (keep)
            place(header.first, header.pages, buffer);
    }
    free(buffer);
    return now() - start;
}

static void *bulk_thread(void *nanos)
{
    *(uint64_t *)nanos = receive_bulk(1);
    return 0;
}

static void touch(uint64_t page)
{
    volatile uint64_t *word = (volatile uint64_t *)(memory + page * PAGE);
    uint64_t before = now(), value = *word, nanos = now() - before;
    if (value != page) {
        fprintf(stderr, "floor: page %lu holds %lu\n", page, value);
        exit(1);
    }
    if (nanos > MIN_FAULT_NS && count < pages)
        latencies[count++] = nanos;
}

static void touch_each_once(void)
{
    uint64_t *order = malloc(pages * sizeof *order), state = now() | 1;
    for (uint64_t i = 0; i < pages; i++) {
        uint64_t j = next_random(&state) % (i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (uint64_t i = 0; i < pages; i++)
        touch(order[i]);
    free(order);
}

static void touch_until_all_placed(void)
{
    uint64_t state = now() | 1;
    while (atomic_load(&placed) < pages)
        touch(next_random(&state) % pages);
}

static void open_userfaultfd(void)
{
    userfault = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
    if (userfault < 0)
        die("userfaultfd");
    struct uffdio_api api = { .api = UFFD_API };
    if (ioctl(userfault, UFFDIO_API, &api) < 0)
        die("UFFDIO_API");
    memory = map();
    struct uffdio_register all = { .range = { (uint64_t)memory, pages * PAGE },
                                   .mode = UFFDIO_REGISTER_MODE_MISSING };
    if (ioctl(userfault, UFFDIO_REGISTER, &all) < 0)
        die("UFFDIO_REGISTER");
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile_us(double percent)
{
    uint64_t at = (uint64_t)((double)count * percent / 100);
    return (double)latencies[at < count ? at : count - 1] / 1000;
}

static void report(const char *mode, uint64_t bulk_nanos)
{
    printf("{\"mode\":\"%s\",\"bytes\":%lu,\"faults\":%lu", mode, pages * PAGE, count);
    if (count > 0) {
        qsort(latencies, count, sizeof *latencies, by_value);
        printf(",\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f",
               percentile_us(50), percentile_us(90), percentile_us(99), percentile_us(99.9),
               percentile_us(100));
    }
    if (bulk_nanos > 0)
        printf(",\"gib_s\":%.4f", (double)(pages * PAGE) / (1 << 30) / ((double)bulk_nanos / 1e9));
    printf("}\n");
}

void destination(const char *mode, int touches, int with_bulk, int keep)
{
    uint64_t bulk_nanos = 0;
    pthread_t handler, pusher;
    if (keep)
        open_userfaultfd();
    latencies = malloc(pages * sizeof *latencies);
    if (!latencies)
        die("malloc");
    memset(latencies, 0, pages * sizeof *latencies);
    char ready;
    if (!receive(bulk, &ready, 1))
        die("the source is gone");
    transmit(bulk, "g", 1, 0);
    if (touches) {
        pthread_create(&handler, 0, handle_faults, 0);
        if (with_bulk) {
            pthread_create(&pusher, 0, bulk_thread, &bulk_nanos);
            touch_until_all_placed();
            pthread_join(pusher, 0);
        } else {
            touch_each_once();
        }
        atomic_store(&done, 1);
        pthread_join(handler, 0);
    } else {
        bulk_nanos = receive_bulk(keep);
    }
    report(mode, bulk_nanos);
}
