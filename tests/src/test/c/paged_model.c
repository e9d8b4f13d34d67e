/*
 * A client of the pager, checked against a model of what it has stored:
 *
 *     paged_model SOCKET STORE OFFSET BYTES random THREADS OPERATIONS SEED
 *     paged_model SOCKET STORE OFFSET BYTES fill          writes each page, flushes the first half, waits
 *     paged_model SOCKET STORE OFFSET BYTES look          maps for reading, and reads the first page
 *     paged_model SOCKET STORE OFFSET BYTES write-protected    maps for reading, and writes
 *     paged_model SOCKET STORE OFFSET BYTES mprotected    the same after mprotect() has allowed it
 *     paged_model SOCKET STORE OFFSET BYTES budget MOST   writes each page, with at most so many bytes in memory
 *
 * Prints what it did, or on standard error what was wrong.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "faultline_pager.h"

#define PAGE 4096
#define WORDS_OF_PAGE (PAGE / sizeof(uint64_t))

static faultline_region *region;
static uint64_t *memory;
static size_t words;
static int threads;
static long operations;

/* Word i is thread i % threads's alone, so that all threads share all pages. */
struct writer {
  int index;
  uint64_t state, *model;
};

static void wrong(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void must(int result) {
  if (result < 0) wrong(faultline_error());
}

static uint64_t next(uint64_t *state) { /* xorshift64* */
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * 2685821657736338717ULL;
}

static void request(struct writer *self) {
  uint64_t page = next(&self->state) % (words / WORDS_OF_PAGE);
  uint64_t count = 1 + next(&self->state) % 8;
  uint64_t left = words / WORDS_OF_PAGE - page;
  uint64_t offset = page * PAGE, length = (count < left ? count : left) * PAGE;
  switch (next(&self->state) % 3) {
    case 0: must(faultline_flush(region, offset, length)); break;
    case 1: must(faultline_prefetch(region, offset, length)); break;
    default: must(faultline_advise(region, offset, length, next(&self->state) % 3));
  }
}

static void check(size_t word, uint64_t found, uint64_t expected, const char *where) {
  if (found == expected) return;
  fprintf(stderr, "%s: word %zu is %llx, not %llx\n", where, word, (unsigned long long) found,
          (unsigned long long) expected);
  exit(1);
}

static void *run(void *argument) {
  struct writer *self = argument;
  size_t own = words / threads;
  for (long i = 0; i < operations; i++) {
    size_t at = next(&self->state) % own, word = at * threads + self->index;
    if (next(&self->state) % 2) {
      memory[word] = self->model[at] = next(&self->state);
    } else {
      check(word, memory[word], self->model[at], "memory");
    }
    if (next(&self->state) % 512 == 0) request(self);
  }
  return NULL;
}

static void random_accesses(const char *store, uint64_t offset, uint64_t seed) {
  struct writer *writers = calloc(threads, sizeof *writers);
  pthread_t *ids = calloc(threads, sizeof *ids);
  words = words / threads * threads;
  for (int t = 0; t < threads; t++) {
    writers[t] = (struct writer) {t, seed * 1000003 + t + 1, calloc(words / threads, 8)};
    pthread_create(&ids[t], NULL, run, &writers[t]);
  }
  for (int t = 0; t < threads; t++) pthread_join(ids[t], NULL);
  must(faultline_flush(region, 0, faultline_length(region)));
  int file = open(store, O_RDONLY);
  for (size_t page = 0; page < words / WORDS_OF_PAGE; page++) {
    uint64_t contents[WORDS_OF_PAGE];
    if (pread(file, contents, PAGE, offset + page * PAGE) != PAGE) wrong("the store is too short");
    for (size_t i = 0; i < WORDS_OF_PAGE; i++) {
      size_t word = page * WORDS_OF_PAGE + i;
      check(word, contents[i], writers[word % threads].model[word / threads], "the store");
    }
  }
  must(faultline_discard(region, PAGE, 2 * PAGE));
  for (size_t word = WORDS_OF_PAGE; word < 3 * WORDS_OF_PAGE; word++) check(word, memory[word], 0, "a discarded page");
  check(0, memory[0], writers[0].model[0], "the page before it");
  char stats[4096];
  must(faultline_stats(region, stats, sizeof stats));
  must(faultline_unmap(region));
  printf("right %s\n", stats);
}

static void fill(void) {
  for (size_t word = 0; word < words; word += WORDS_OF_PAGE) memory[word] = word + 1;
  must(faultline_flush(region, 0, faultline_length(region) / 2 / PAGE * PAGE));
  printf("filled\n");
  fflush(stdout);
  for (;;) { /* until it is killed, or the pager is: then an access ends this process */
    volatile uint64_t *touched = memory;
    for (size_t word = 0; word < words; word += WORDS_OF_PAGE) (void) touched[word];
    usleep(1000);
  }
}

/* The stores of a region that was mapped for reading, once this process has made it writable. */
static void write_all_the_same(void) {
  if (mprotect(memory, words * sizeof *memory, PROT_READ | PROT_WRITE) < 0) wrong("mprotect");
  printf("first word %llu\n", (unsigned long long) memory[0]);
  fflush(stdout);
  memory[0] = 1;
  printf("it was stored\n");
}

static void keep_budget(uint64_t most) {
  char stats[4096];
  for (size_t word = 0; word < words; word += WORDS_OF_PAGE) {
    memory[word] = word + 1;
    if (word % (64 * WORDS_OF_PAGE) != 0) continue;
    must(faultline_stats(region, stats, sizeof stats));
    const char *resident = strstr(stats, "\"resident_bytes\":");
    if (resident == NULL || strtoull(resident + 17, NULL, 10) > most) wrong(stats);
  }
  for (size_t word = 0; word < words; word += WORDS_OF_PAGE) check(word, memory[word], word + 1, "memory");
  must(faultline_unmap(region));
  printf("within %llu\n", (unsigned long long) most);
}

int main(int count, char **arguments) {
  if (count < 6) wrong("paged_model SOCKET STORE OFFSET BYTES MODE ...");
  const char *store = arguments[2], *mode = arguments[5];
  uint64_t offset = strtoull(arguments[3], NULL, 10);
  int budget = strcmp(mode, "budget") == 0 && count == 7;
  int writes = budget || strcmp(mode, "random") == 0 || strcmp(mode, "fill") == 0;
  struct faultline_options options = {.most_bytes = budget ? strtoull(arguments[6], NULL, 10) : 0};
  region = faultline_map_with(NULL, arguments[1], store, offset, strtoull(arguments[4], NULL, 10),
                              writes ? PROT_READ | PROT_WRITE : PROT_READ, &options);
  if (region == NULL) wrong(faultline_error());
  memory = faultline_address(region);
  words = faultline_length(region) / sizeof(uint64_t);
  if (strcmp(mode, "random") == 0 && count == 9) {
    threads = atoi(arguments[6]);
    operations = atol(arguments[7]);
    random_accesses(store, offset, strtoull(arguments[8], NULL, 10));
  } else if (strcmp(mode, "fill") == 0) {
    fill();
  } else if (strcmp(mode, "look") == 0) {
    printf("first word %llu\n", (unsigned long long) memory[0]);
    must(faultline_unmap(region));
  } else if (strcmp(mode, "mprotected") == 0) {
    write_all_the_same();
  } else if (budget) {
    keep_budget(options.most_bytes);
  } else {
    memory[0] = 1;
  }
  return 0;
}
