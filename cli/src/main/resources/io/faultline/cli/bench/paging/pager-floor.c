/* See pager-floor.h. One lock protects all states and is never held during a call of the kernel. */
#define _GNU_SOURCE
#include "pager-floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef UFFDIO_MOVE
struct uffdio_move {
    __u64 dst, src, len, mode;
    __s64 move;
};
#define UFFDIO_MOVE _IOWR(UFFDIO, 0x05, struct uffdio_move)
#define UFFDIO_MOVE_MODE_DONTWAKE ((__u64)1 << 0)
#define UFFD_FEATURE_MOVE (1 << 16)
#endif

#define WINDOW 256  /* most pages of a fill or of a run that leaves, if the buffer is large */
#define LIFT 64     /* most pages that become writable at once */
#define GROWTH 4    /* of a window, with each fault that continues a stream */
#define STREAMS 32
#define WRITERS 2
#define LEAST_AHEAD 4

enum state { ABSENT, FILLING, WANTED, HELD, CLEAN, DIRTY, LEAVING };

struct run {
    size_t first, count;
};

struct stream {
    long forward, backward; /* the next page in either direction */
    long held;              /* the page that is held back; -1 is none, -2 one being read */
    int direction, window;
    uint64_t used;
    char *page; /* contents of the one held back */
};

/* A run in the staging memory. */
struct staged {
    struct run run;
    size_t slot, skipped;
    int written;
};

static int uffd, store;
static size_t page_count, buffer_pages, slot_count, low_water;
static int window;
static char *region, *staging;
static unsigned char *states;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER; /* frames are free, pages have left */
static pthread_cond_t scarce = PTHREAD_COND_INITIALIZER;  /* frames are few: for the evictor */
static pthread_cond_t staged = PTHREAD_COND_INITIALIZER;  /* for the writers */
static size_t free_frames, leaving;
static struct run *fifo;
static size_t fifo_head, fifo_tail, fifo_size;
static struct staged *ring;
static size_t ring_head, ring_next, ring_tail, slots_used, next_slot;
static struct stream reads[STREAMS], writes[STREAMS];
static uint64_t clock_of_streams;
static int stopping;
static pthread_t evictor;

static void transfer(unsigned long request, void *argument, const char *name)
{
    while (ioctl(uffd, request, argument) < 0) {
        if (errno != EAGAIN)
            die(name);
    }
}

static char *address(size_t page)
{
    return region + page * PAGE;
}

static void copy(size_t first, size_t count, char *from, int writable)
{
    struct uffdio_copy c = { .dst = (uintptr_t)address(first), .src = (uintptr_t)from,
                             .len = count * PAGE, .mode = writable ? 0 : UFFDIO_COPY_MODE_WP };
    transfer(UFFDIO_COPY, &c, "UFFDIO_COPY");
}

static void unprotect(size_t first, size_t count)
{
    struct uffdio_writeprotect w = { .range = { (uintptr_t)address(first), count * PAGE } };
    transfer(UFFDIO_WRITEPROTECT, &w, "UFFDIO_WRITEPROTECT");
}

static void wake(size_t page)
{
    struct uffdio_range r = { (uintptr_t)address(page), PAGE };
    transfer(UFFDIO_WAKE, &r, "UFFDIO_WAKE");
}

static void read_pages(size_t first, size_t count, char *to)
{
    if (pread(store, to, count * PAGE, (off_t)(first * PAGE)) != (ssize_t)(count * PAGE))
        die("pread");
}

static void write_pages(size_t first, size_t count, const char *from)
{
    if (pwrite(store, from, count * PAGE, (off_t)(first * PAGE)) != (ssize_t)(count * PAGE))
        die("pwrite");
}

/* All below are called with the lock held. */

static void settle(size_t first, size_t count, int state)
{
    memset(states + first, state, count);
    pthread_cond_broadcast(&changed);
}

static void enqueue(size_t first, size_t count)
{
    fifo[fifo_tail++ % fifo_size] = (struct run){ first, count };
}

static void spend(size_t frames)
{
    free_frames -= frames;
    if (free_frames + leaving < low_water)
        pthread_cond_signal(&scarce);
}

static void release(size_t frames)
{
    free_frames += frames;
    pthread_cond_broadcast(&changed);
}

/* The stream that a fault continues, with a larger window, or a new one. */
static struct stream *plan(struct stream *streams, long page, int most)
{
    struct stream *oldest = 0;
    for (struct stream *s = streams; s < streams + STREAMS; s++) {
        int forward = s->direction >= 0 && page >= s->forward && page < s->forward + s->window;
        int backward = s->direction <= 0 && page <= s->backward && page > s->backward - s->window;
        if (s->used > 0 && (forward || backward)) {
            s->direction = forward ? 1 : -1;
            s->window = s->window * GROWTH < most ? s->window * GROWTH : most;
            s->used = ++clock_of_streams;
            return s;
        }
        if (s->held != -2 && (!oldest || s->used < oldest->used))
            oldest = s;
    }
    if (oldest->held >= 0) {
        settle((size_t)oldest->held, 1, ABSENT);
        release(1);
    }
    oldest->forward = page + 1;
    oldest->backward = page - 1;
    oldest->held = -1;
    oldest->direction = 0;
    oldest->window = 1;
    oldest->used = ++clock_of_streams;
    return oldest;
}

static void advance(struct stream *s, size_t first, size_t count)
{
    if (s->direction >= 0)
        s->forward = (long)(first + count);
    if (s->direction <= 0)
        s->backward = (long)first - 1;
}

/* Changes the state of consecutive pages in a direction, as far as they have another one. */
static size_t take(long page, int direction, size_t most, int from, int to)
{
    size_t taken = 0;
    for (; taken < most && page >= 0 && page < (long)page_count && states[page] == from; taken++) {
        states[page] = (unsigned char)to;
        page += direction;
    }
    return taken;
}

static size_t take_absent(long page, int direction, size_t most)
{
    size_t spare = free_frames > 8 ? free_frames - 8 : 0;
    size_t taken = take(page, direction, most < spare ? most : spare, ABSENT, FILLING);
    spend(taken);
    return taken;
}

static void read_ahead(struct stream *s, char *buffer, int writable)
{
    if (s->direction == 0 || s->window < LEAST_AHEAD || s->held != -1 || free_frames < (size_t)window)
        return;
    s->window = s->window * GROWTH < window ? s->window * GROWTH : window;
    long edge = s->direction > 0 ? s->forward : s->backward;
    size_t count = take_absent(edge, s->direction, (size_t)s->window);
    size_t first = (size_t)(s->direction > 0 ? edge : edge - (long)count + 1);
    if (count < 2) {
        if (count == 1)
            settle((size_t)edge, 1, ABSENT);
        release(count);
        return;
    }
    s->held = -2;
    pthread_mutex_unlock(&lock);
    read_pages(first, count, buffer);
    int forward = s->direction > 0;
    size_t rest = forward ? first + 1 : first;
    copy(rest, count - 1, forward ? buffer + PAGE : buffer, writable);
    memcpy(s->page, forward ? buffer : buffer + (count - 1) * PAGE, PAGE);
    pthread_mutex_lock(&lock);
    settle(rest, count - 1, writable ? DIRTY : CLEAN);
    enqueue(rest, count - 1);
    advance(s, first, count);
    if (states[edge] == WANTED) {
        copy((size_t)edge, 1, s->page, writable);
        settle((size_t)edge, 1, writable ? DIRTY : CLEAN);
        enqueue((size_t)edge, 1);
        s->held = -1;
    } else {
        states[edge] = HELD;
        s->held = edge;
    }
}

static void fill(size_t page, char *buffer, int writable)
{
    struct stream *s = plan(reads, (long)page, window);
    states[page] = FILLING;
    spend(1);
    size_t more = 0;
    if (s->direction != 0)
        more = take_absent((long)page + s->direction, s->direction, (size_t)s->window - 1);
    size_t first = s->direction < 0 ? page - more : page;
    pthread_mutex_unlock(&lock);
    read_pages(first, more + 1, buffer);
    copy(first, more + 1, buffer, writable);
    pthread_mutex_lock(&lock);
    settle(first, more + 1, writable ? DIRTY : CLEAN);
    enqueue(first, more + 1);
    advance(s, first, more + 1);
    read_ahead(s, buffer, writable);
}

static void place_held(size_t page, char *buffer, int writable)
{
    struct stream *s = reads;
    while (s->held != (long)page)
        s++;
    s->held = -2;
    states[page] = FILLING;
    s->used = ++clock_of_streams;
    pthread_mutex_unlock(&lock);
    copy(page, 1, s->page, writable);
    pthread_mutex_lock(&lock);
    s->held = -1;
    settle(page, 1, writable ? DIRTY : CLEAN);
    enqueue(page, 1);
    read_ahead(s, buffer, writable);
}

static void lift(size_t page)
{
    struct stream *s = plan(writes, (long)page, LIFT);
    size_t more = 0;
    states[page] = LEAVING;
    if (s->direction != 0)
        more = take((long)page + s->direction, s->direction, (size_t)s->window - 1, CLEAN, LEAVING);
    size_t first = s->direction < 0 ? page - more : page;
    pthread_mutex_unlock(&lock);
    unprotect(first, more + 1);
    pthread_mutex_lock(&lock);
    settle(first, more + 1, DIRTY);
    advance(s, first, more + 1);
}

/* A page that was just filled may raise a write-protection fault before it is known to be there. */
static int must_wait(size_t page, int is_protected)
{
    int is_filling = states[page] == FILLING || states[page] == WANTED;
    return states[page] == LEAVING || (is_filling && is_protected) ||
           (states[page] == ABSENT && free_frames == 0);
}

static void serve(size_t page, char *buffer, int is_protected, int writable)
{
    pthread_mutex_lock(&lock);
    while (must_wait(page, is_protected)) {
        pthread_cond_signal(&scarce);
        pthread_cond_wait(&changed, &lock);
    }
    switch (states[page]) {
    case ABSENT:
        fill(page, buffer, writable);
        break;
    case HELD:
        place_held(page, buffer, writable);
        break;
    case FILLING:
        states[page] = WANTED;
        break;
    case CLEAN:
    case DIRTY:
        if (is_protected && states[page] == CLEAN)
            lift(page);
        else /* it was filled, or made writable, after this fault was read */
            wake(page);
        break;
    default: /* the thread that fills it wakes all */
        break;
    }
    pthread_mutex_unlock(&lock);
}

static char *map(size_t bytes)
{
    char *p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (p == MAP_FAILED)
        die("mmap");
    madvise(p, bytes, MADV_NOHUGEPAGE);
    return p;
}

static void *handle(void *argument)
{
    char *buffer = aligned_alloc(PAGE, WINDOW * PAGE);
    struct pollfd ready = { .fd = uffd, .events = POLLIN };
    struct uffd_msg message;
    (void)argument;
    for (;;) {
        if (read(uffd, &message, sizeof message) != sizeof message) {
            poll(&ready, 1, -1);
            continue;
        }
        __u64 flags = message.arg.pagefault.flags;
        int is_protected = (flags & UFFD_PAGEFAULT_FLAG_WP) != 0;
        size_t offset = message.arg.pagefault.address - (uintptr_t)region;
        serve(offset / PAGE, buffer, is_protected, (flags & UFFD_PAGEFAULT_FLAG_WRITE) != 0);
    }
    return 0;
}

static void drop(size_t first, size_t count)
{
    pthread_mutex_unlock(&lock);
    madvise(address(first), count * PAGE, MADV_DONTNEED);
    pthread_mutex_lock(&lock);
    settle(first, count, ABSENT);
    release(count);
}

/* Moves dirty pages to consecutive slots of the staging memory. */
static void stage(size_t first, size_t count)
{
    int wraps = next_slot + count > slot_count;
    size_t skipped = wraps ? slot_count - next_slot : 0;
    while (slots_used + skipped + count > slot_count)
        pthread_cond_wait(&changed, &lock);
    size_t slot = wraps ? 0 : next_slot;
    slots_used += skipped + count;
    next_slot = slot + count;
    leaving += count;
    pthread_mutex_unlock(&lock);
    struct uffdio_move m = { .dst = (uintptr_t)(staging + slot * PAGE),
                             .src = (uintptr_t)address(first), .len = count * PAGE,
                             .mode = UFFDIO_MOVE_MODE_DONTWAKE };
    while (ioctl(uffd, UFFDIO_MOVE, &m) < 0) {
        __u64 moved = m.move > 0 ? (__u64)m.move : 0; /* then the kernel wants another call */
        if (errno != EAGAIN)
            die("UFFDIO_MOVE");
        m.dst += moved;
        m.src += moved;
        m.len -= moved;
    }
    pthread_mutex_lock(&lock);
    ring[ring_tail++ % slot_count] = (struct staged){ { first, count }, slot, skipped, 0 };
    pthread_cond_signal(&staged);
}

static void evict(struct run run)
{
    size_t end = run.first + run.count;
    for (size_t page = run.first; page < end;) {
        int state = states[page];
        if (state == CLEAN || state == DIRTY) {
            size_t count = take((long)page, 1, end - page, state, LEAVING);
            if (state == CLEAN)
                drop(page, count);
            else
                stage(page, count);
            page += count;
        } else {
            if (state == FILLING || state == LEAVING)
                enqueue(page, 1);
            page++;
        }
    }
}

static void *make_room(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&lock);
    while (!stopping) {
        if (free_frames + leaving >= low_water + low_water / 2 || fifo_head == fifo_tail)
            pthread_cond_wait(&scarce, &lock);
        else
            evict(fifo[fifo_head++ % fifo_size]);
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

static void *write_staged(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (ring_next == ring_tail)
            pthread_cond_wait(&staged, &lock);
        struct staged *mine = &ring[ring_next++ % slot_count];
        char *from = staging + mine->slot * PAGE;
        struct run run = mine->run;
        pthread_mutex_unlock(&lock);
        write_pages(run.first, run.count, from);
        madvise(from, run.count * PAGE, MADV_DONTNEED);
        pthread_mutex_lock(&lock);
        mine->written = 1;
        settle(run.first, run.count, ABSENT);
        leaving -= run.count;
        release(run.count);
        for (; ring_head < ring_next && ring[ring_head % slot_count].written; ring_head++)
            slots_used -= ring[ring_head % slot_count].run.count + ring[ring_head % slot_count].skipped;
    }
    return 0;
}

static pthread_t start(void *(*body)(void *))
{
    pthread_t id;
    if (pthread_create(&id, 0, body, 0) != 0)
        die("pthread_create");
    return id;
}

char *pager_start(int file, size_t bytes, size_t buffer_bytes, int handlers)
{
    uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    struct uffdio_api api = { .api = UFFD_API,
                              .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_MOVE };
    if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) < 0)
        die("userfaultfd");
    store = file;
    page_count = bytes / PAGE;
    buffer_pages = free_frames = buffer_bytes / PAGE;
    low_water = buffer_pages / 16;
    slot_count = buffer_pages / 8 < 4096 ? buffer_pages / 8 : 4096;
    window = buffer_pages / 64 < WINDOW ? (int)(buffer_pages / 64) : WINDOW;
    if (window < 1)
        die("a buffer of at least 256 KiB is needed");
    fifo_size = buffer_pages * 2 + 64;
    region = map(bytes);
    staging = map(slot_count * PAGE);
    states = calloc(page_count, 1);
    fifo = calloc(fifo_size, sizeof *fifo);
    ring = calloc(slot_count, sizeof *ring);
    struct uffdio_register r = { .range = { (uintptr_t)region, bytes },
                                 .mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP };
    struct uffdio_register s = { .range = { (uintptr_t)staging, slot_count * PAGE },
                                 .mode = UFFDIO_REGISTER_MODE_MISSING };
    if (ioctl(uffd, UFFDIO_REGISTER, &r) < 0 || ioctl(uffd, UFFDIO_REGISTER, &s) < 0)
        die("UFFDIO_REGISTER");
    for (int i = 0; i < STREAMS; i++) {
        reads[i].held = writes[i].held = -1;
        reads[i].page = aligned_alloc(PAGE, PAGE);
    }
    for (int i = 0; i < handlers; i++)
        start(handle);
    for (int i = 0; i < WRITERS; i++)
        start(write_staged);
    evictor = start(make_room);
    return region;
}

void pager_flush(void)
{
    pthread_mutex_lock(&lock);
    stopping = 1;
    pthread_cond_signal(&scarce);
    pthread_mutex_unlock(&lock);
    pthread_join(evictor, 0);
    pthread_mutex_lock(&lock);
    while (ring_head != ring_tail)
        pthread_cond_wait(&changed, &lock);
    for (size_t page = 0; page < page_count;) {
        size_t count = take((long)page, 1, WINDOW, DIRTY, CLEAN);
        if (count > 0)
            write_pages(page, count, address(page));
        page += count > 0 ? count : 1;
    }
    pthread_mutex_unlock(&lock);
    if (fdatasync(store) < 0)
        die("fdatasync");
}
