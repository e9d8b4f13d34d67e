/* See writer.h. */
#define _GNU_SOURCE
#include "writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMED_MOST (1u << 24)
#define SPINS 2000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int paused;
static pthread_t thread;
static uint32_t *times; /* nanoseconds */
static uint64_t timed;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ul + (uint64_t)t.tv_nsec;
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ul;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ul;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebul;
    return z ^ (z >> 31);
}

static uint64_t load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

int guest_fill(uint64_t *guest, uint64_t *unused)
{
    uint64_t *memory = (uint64_t *)guest[GUEST_BASE];
    (void)unused;
    for (uint64_t page = 0; page < guest[GUEST_BYTES] / PAGE; page++) {
        memory[page * PAGE_WORDS] = page + 1;
        memory[page * PAGE_WORDS + 1] = 0;
    }
    return 0;
}

static void tell(uint64_t *guest, uint64_t wanted)
{
    pthread_mutex_lock(&lock);
    store(&guest[GUEST_WANTED], wanted);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Returns whether it shall go on. */
static int obey(uint64_t *guest)
{
    if (load(&guest[GUEST_WANTED]) == GUEST_PAUSE) {
        pthread_mutex_lock(&lock);
        paused = 1;
        pthread_cond_broadcast(&changed);
        while (guest[GUEST_WANTED] == GUEST_PAUSE)
            pthread_cond_wait(&changed, &lock);
        paused = 0;
        pthread_mutex_unlock(&lock);
    }
    return load(&guest[GUEST_WANTED]) == GUEST_RUN;
}

static void *run(void *argument)
{
    uint64_t *guest = argument, random = guest[GUEST_SEED], pages = guest[GUEST_BYTES] / PAGE;
    volatile uint64_t *memory = (volatile uint64_t *)guest[GUEST_BASE];
    while (obey(guest)) {
        uint64_t page = next_random(&random) % pages;
        uint64_t since = now();
        memory[page * PAGE_WORDS + 1]++;
        uint64_t nanos = now() - since;
        store(&guest[GUEST_WRITES], guest[GUEST_WRITES] + 1);
        if (load(&guest[GUEST_TIMED]) && timed < TIMED_MOST)
            times[timed++] = nanos < UINT32_MAX ? (uint32_t)nanos : UINT32_MAX;
        for (volatile int i = 0; i < SPINS; i++)
            ;
    }
    return 0;
}

int guest_start(uint64_t *guest, uint64_t *unused)
{
    (void)unused;
    timed = 0;
    if (times == 0 && (times = malloc(TIMED_MOST * sizeof *times)) == 0)
        return 1;
    guest[GUEST_WRITES] = 0;
    guest[GUEST_TIMED] = 0;
    guest[GUEST_WANTED] = GUEST_RUN;
    return pthread_create(&thread, 0, run, guest);
}

int guest_pause(uint64_t *guest, uint64_t *unused)
{
    (void)unused;
    tell(guest, GUEST_PAUSE);
    pthread_mutex_lock(&lock);
    while (!paused)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return 0;
}

int guest_resume(uint64_t *guest, uint64_t *unused)
{
    (void)unused;
    tell(guest, GUEST_RUN);
    return 0;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int guest_end(uint64_t *guest, double *result)
{
    tell(guest, GUEST_END);
    pthread_join(thread, 0);
    memset(result, 0, RESULT_VALUES * sizeof *result);
    if (timed > 0) {
        qsort(times, timed, sizeof *times, compare);
        result[RESULT_WRITES] = (double)timed;
        result[RESULT_P50_US] = times[timed / 2] / 1e3;
        result[RESULT_P99_US] = times[timed * 99 / 100] / 1e3;
        result[RESULT_MAX_US] = times[timed - 1] / 1e3;
    }
    return 0;
}

int guest_replay(const uint64_t *guest, uint64_t *counters)
{
    uint64_t random = guest[GUEST_SEED], pages = guest[GUEST_BYTES] / PAGE;
    memset(counters, 0, pages * sizeof *counters);
    for (uint64_t i = 0; i < guest[GUEST_WRITES]; i++)
        counters[next_random(&random) % pages]++;
    return 0;
}
