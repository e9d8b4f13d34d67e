/* A guest that writes to random pages of its memory as fast as it can: the same native code for
 * every way to take a snapshot that is compared. */
#include <stdint.h>

#define PAGE 4096ul
#define PAGE_WORDS (PAGE / sizeof(uint64_t))

/* The guest: an array of 64-bit words, so that a caller in another language needs no struct. */
enum {
    GUEST_BASE,   /* address of its memory */
    GUEST_BYTES,  /* its size, whole pages */
    GUEST_SEED,
    GUEST_WANTED, /* enum guest_state: what it is told to do */
    GUEST_WRITES, /* done so far */
    GUEST_TIMED,  /* 1: note how long each write takes */
    GUEST_WORDS
};

enum guest_state { GUEST_RUN, GUEST_PAUSE, GUEST_END };

/* The result: an array of doubles. */
enum {
    RESULT_WRITES, /* the timed ones */
    RESULT_P50_US,
    RESULT_P99_US,
    RESULT_MAX_US,
    RESULT_VALUES
};

/* Begins each page with its number plus 1, then a counter. */
int guest_fill(uint64_t *guest, uint64_t *unused);

/* Starts it. It increments the counters of random pages. */
int guest_start(uint64_t *guest, uint64_t *unused);

/* Returns when it has stopped between two writes. */
int guest_pause(uint64_t *guest, uint64_t *unused);

int guest_resume(uint64_t *guest, uint64_t *unused);

/* Ends it, and summarizes the timed writes. */
int guest_end(uint64_t *guest, double *result);

/* Counts how often each page was written in the first GUEST_WRITES writes. */
int guest_replay(const uint64_t *guest, uint64_t *counters);
