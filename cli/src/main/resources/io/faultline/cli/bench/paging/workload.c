/* See workload.h. Every page of the store begins with the index of its first word; word 1 is a
 * counter for UPDATE, word 2 is stored by WRITE. SORT uses a store of its own. */
#define _GNU_SOURCE
#include "workload.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORDS (PAGE / sizeof(uint64_t))
#define WAIT_NANOS 2000u
#define PARALLEL_LEAST (1l << 20)
#define INSERTION_MOST 24

struct part {
    const uint64_t *request;
    uint64_t thread, count;
    uint32_t *waits; /* nanoseconds of each access that took long */
    uint64_t wait_count;
    uint64_t sum; /* of the values stored or read */
    int wrong;
    pthread_t id;
};

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

static volatile uint64_t *memory(const uint64_t *request)
{
    return (volatile uint64_t *)request[REQUEST_BASE];
}

static uint64_t pages(const uint64_t *request)
{
    return request[REQUEST_BYTES] / PAGE;
}

static uint64_t seed(const struct part *part)
{
    return part->request[REQUEST_SEED] * 1000003 + part->thread;
}

/* The part of a number of things that is a thread's, from begin to end. */
static uint64_t begin(const struct part *part, uint64_t things)
{
    return things * part->thread / part->request[REQUEST_THREADS];
}

static uint64_t end(const struct part *part, uint64_t things)
{
    return things * (part->thread + 1) / part->request[REQUEST_THREADS];
}

static int run_parts(const uint64_t *request, struct part *parts, void *(*body)(void *))
{
    int wrong = 0;
    for (uint64_t i = 0; i < request[REQUEST_THREADS]; i++) {
        parts[i].request = request;
        parts[i].thread = i;
        if (pthread_create(&parts[i].id, 0, body, &parts[i]) != 0)
            abort();
    }
    for (uint64_t i = 0; i < request[REQUEST_THREADS]; i++) {
        pthread_join(parts[i].id, 0);
        wrong |= parts[i].wrong;
    }
    return wrong;
}

static void note(struct part *part, uint64_t since)
{
    uint64_t nanos = now() - since;
    if (nanos > WAIT_NANOS)
        part->waits[part->wait_count++] = nanos < UINT32_MAX ? (uint32_t)nanos : UINT32_MAX;
}

static void *read_random(void *argument)
{
    struct part *part = argument;
    uint64_t state = seed(part), of = pages(part->request);
    volatile uint64_t *at = memory(part->request);
    for (uint64_t i = 0; i < part->count; i++) {
        uint64_t word = next_random(&state) % of * WORDS, since = now();
        uint64_t value = at[word];
        note(part, since);
        part->wrong |= value != word;
    }
    return 0;
}

/* Increments counters. Each thread has pages of its own, and remembers what it has stored. */
static void *update_random(void *argument)
{
    struct part *part = argument;
    uint64_t state = seed(part), of = pages(part->request) / part->request[REQUEST_THREADS];
    volatile uint64_t *at = memory(part->request);
    uint64_t *stored = calloc(of, sizeof *stored);
    for (uint64_t i = 0; i < part->count; i++) {
        uint64_t mine = next_random(&state) % of;
        uint64_t page = mine * part->request[REQUEST_THREADS] + part->thread, since = now();
        uint64_t value = at[page * WORDS + 1] + 1;
        at[page * WORDS + 1] = value;
        note(part, since);
        part->wrong |= at[page * WORDS] != page * WORDS;
        part->wrong |= stored[mine] != 0 && stored[mine] + 1 != value;
        stored[mine] = value;
    }
    free(stored);
    return 0;
}

static void *write_in_order(void *argument)
{
    struct part *part = argument;
    volatile uint64_t *at = memory(part->request);
    uint64_t last = end(part, pages(part->request)), value = part->request[REQUEST_SEED];
    for (uint64_t page = begin(part, pages(part->request)); page < last; page++)
        at[page * WORDS + 2] = value + page;
    return 0;
}

/* Parallel quicksort: ranges wait on a stack, the smallest on top, so that threads stay local. */

struct range {
    long low, high; /* both inclusive */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct range waiting[512];
    int count, working;
    int64_t *values;
} sorting = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void swap(int64_t *a, int64_t *b)
{
    int64_t t = *a;
    *a = *b;
    *b = t;
}

/* Hoare's partition around the median of three; returns the last index of the lower part. */
static long partition(int64_t *v, long low, long high)
{
    long middle = low + (high - low) / 2;
    if (v[middle] < v[low])
        swap(&v[middle], &v[low]);
    if (v[high] < v[low])
        swap(&v[high], &v[low]);
    if (v[high] < v[middle])
        swap(&v[high], &v[middle]);
    int64_t pivot = v[middle];
    for (long i = low, j = high;;) {
        do
            i++;
        while (v[i] < pivot);
        do
            j--;
        while (v[j] > pivot);
        if (i >= j)
            return j;
        swap(&v[i], &v[j]);
    }
}

static void insertion_sort(int64_t *v, long low, long high)
{
    for (long i = low + 1; i <= high; i++) {
        int64_t value = v[i];
        long j = i - 1;
        for (; j >= low && v[j] > value; j--)
            v[j + 1] = v[j];
        v[j + 1] = value;
    }
}

static void quicksort(int64_t *v, long low, long high)
{
    while (high - low > INSERTION_MOST) {
        long split = partition(v, low, high);
        if (split - low < high - split) {
            quicksort(v, low, split);
            low = split + 1;
        } else {
            quicksort(v, split + 1, high);
            high = split;
        }
    }
    insertion_sort(v, low, high);
}

static void leave(struct range range)
{
    pthread_mutex_lock(&sorting.lock);
    if (sorting.count == sizeof sorting.waiting / sizeof *sorting.waiting)
        abort(); /* as deep as no random values make it */
    sorting.waiting[sorting.count++] = range;
    pthread_cond_signal(&sorting.changed);
    pthread_mutex_unlock(&sorting.lock);
}

static int take(struct range *range)
{
    pthread_mutex_lock(&sorting.lock);
    while (sorting.count == 0 && sorting.working > 0)
        pthread_cond_wait(&sorting.changed, &sorting.lock);
    int found = sorting.count > 0;
    if (found) {
        *range = sorting.waiting[--sorting.count];
        sorting.working++;
    }
    pthread_mutex_unlock(&sorting.lock);
    return found;
}

static void finish(void)
{
    pthread_mutex_lock(&sorting.lock);
    if (--sorting.working == 0)
        pthread_cond_broadcast(&sorting.changed);
    pthread_mutex_unlock(&sorting.lock);
}

static void *sort_ranges(void *argument)
{
    struct range range;
    (void)argument;
    while (take(&range)) {
        while (range.high - range.low > PARALLEL_LEAST) {
            long split = partition(sorting.values, range.low, range.high);
            struct range lower = { range.low, split }, upper = { split + 1, range.high };
            int is_lower_large = split - range.low > range.high - split - 1;
            leave(is_lower_large ? lower : upper);
            range = is_lower_large ? upper : lower;
        }
        quicksort(sorting.values, range.low, range.high);
        finish();
    }
    return 0;
}

static void *store_random(void *argument)
{
    struct part *part = argument;
    uint64_t state = seed(part), values = part->request[REQUEST_BYTES] / sizeof(int64_t);
    for (uint64_t i = begin(part, values), last = end(part, values); i < last; i++) {
        uint64_t value = next_random(&state);
        part->sum += value;
        memory(part->request)[i] = value;
    }
    return 0;
}

static void *check_order(void *argument)
{
    struct part *part = argument;
    uint64_t values = part->request[REQUEST_BYTES] / sizeof(int64_t);
    const int64_t *v = sorting.values;
    for (uint64_t i = begin(part, values), last = end(part, values); i < last; i++) {
        part->wrong |= i > 0 && v[i - 1] > v[i];
        part->sum += (uint64_t)v[i];
    }
    return 0;
}

static uint64_t sum(const struct part *parts, uint64_t count)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += parts[i].sum;
    return sum;
}

static double phase(uint64_t *since)
{
    uint64_t from = *since;
    *since = now();
    return (double)(*since - from) / 1e9;
}

static int sort(const uint64_t *request, struct part *parts, double *result)
{
    uint64_t threads = request[REQUEST_THREADS], since = now();
    sorting.values = (int64_t *)request[REQUEST_BASE];
    run_parts(request, parts, store_random);
    uint64_t stored = sum(parts, threads);
    result[RESULT_FILL] = phase(&since);
    leave((struct range){ 0, (long)(request[REQUEST_BYTES] / sizeof(int64_t)) - 1 });
    run_parts(request, parts, sort_ranges);
    result[RESULT_SORT] = phase(&since);
    memset(parts, 0, threads * sizeof *parts);
    int wrong = run_parts(request, parts, check_order);
    result[RESULT_CHECK] = phase(&since);
    result[RESULT_ACCESSES] = (double)(request[REQUEST_BYTES] / sizeof(int64_t));
    return wrong || sum(parts, threads) != stored;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Percentiles of the accesses of all threads that took long. */
static void summarize(const struct part *parts, uint64_t threads, double *result)
{
    uint64_t count = 0, done = 0;
    for (uint64_t i = 0; i < threads; i++)
        count += parts[i].wait_count;
    result[RESULT_WAITS] = (double)count;
    if (count == 0)
        return;
    uint32_t *all = malloc(count * sizeof *all);
    for (uint64_t i = 0; i < threads; i++) {
        memcpy(all + done, parts[i].waits, parts[i].wait_count * sizeof *all);
        done += parts[i].wait_count;
    }
    qsort(all, count, sizeof *all, compare);
    result[RESULT_P50_US] = all[count / 2] / 1e3;
    result[RESULT_P99_US] = all[count * 99 / 100] / 1e3;
    free(all);
}

static int access_random(const uint64_t *request, struct part *parts, double *result)
{
    uint64_t threads = request[REQUEST_THREADS];
    for (uint64_t i = 0; i < threads; i++) {
        parts[i].count = request[REQUEST_ACCESSES] / threads;
        parts[i].waits = malloc(parts[i].count * sizeof *parts[i].waits);
    }
    int reads = request[REQUEST_KIND] == WORKLOAD_READ;
    int wrong = run_parts(request, parts, reads ? read_random : update_random);
    summarize(parts, threads, result);
    for (uint64_t i = 0; i < threads; i++)
        free(parts[i].waits);
    result[RESULT_ACCESSES] = (double)(request[REQUEST_ACCESSES] / threads * threads);
    return wrong;
}

int workload_run(const uint64_t *request, double *result)
{
    struct part *parts = calloc(request[REQUEST_THREADS], sizeof *parts);
    int wrong = 0;
    memset(result, 0, RESULT_VALUES * sizeof *result);
    switch (request[REQUEST_KIND]) {
    case WORKLOAD_READ:
    case WORKLOAD_UPDATE:
        wrong = access_random(request, parts, result);
        break;
    case WORKLOAD_WRITE:
        wrong = run_parts(request, parts, write_in_order);
        result[RESULT_ACCESSES] = (double)pages(request);
        break;
    default:
        wrong = sort(request, parts, result);
    }
    free(parts);
    return wrong;
}
