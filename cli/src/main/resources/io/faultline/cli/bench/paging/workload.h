/* What a program does with memory that is larger than RAM: the same native code for every system
 * that is compared, over the address that the system gives. */
#include <stdint.h>

#define PAGE 4096ul

enum workload_kind { WORKLOAD_READ, WORKLOAD_UPDATE, WORKLOAD_WRITE, WORKLOAD_SORT };

/* The request: an array of 64-bit words, so that a caller in another language needs no struct. */
enum {
    REQUEST_KIND,     /* enum workload_kind */
    REQUEST_BASE,     /* address of the memory */
    REQUEST_BYTES,    /* its size, whole pages */
    REQUEST_THREADS,
    REQUEST_ACCESSES, /* of READ and UPDATE, by all threads together */
    REQUEST_SEED,
    REQUEST_WORDS
};

/* The result: an array of doubles. */
enum {
    RESULT_ACCESSES, /* pages touched by READ, UPDATE and WRITE; values sorted by SORT */
    RESULT_FILL,     /* seconds that SORT took to store random values */
    RESULT_SORT,     /* to sort them */
    RESULT_CHECK,    /* to read them again in order */
    RESULT_WAITS,    /* accesses of READ and UPDATE of more than 2 us: page faults */
    RESULT_P50_US,   /* how long those took */
    RESULT_P99_US,
    RESULT_VALUES
};

/* Runs a workload to its end. Returns 0, or 1 if memory did not have what was stored. */
int workload_run(const uint64_t *request, double *result);
