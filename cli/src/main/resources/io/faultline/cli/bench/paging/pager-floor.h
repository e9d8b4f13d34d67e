/* A pager in C that makes the same calls of the kernel as ours, with as many threads, and has
 * nothing else: no errors, no second region, no discard, no rescue of pages that are leaving. */
#include <stddef.h>

#define PAGE 4096ul

/* Starts the pager's threads and returns the address of its one region. */
char *pager_start(int store, size_t bytes, size_t buffer_bytes, int handlers);

/* Ends eviction, and writes every dirty page to the store. No thread may use the region any more. */
void pager_flush(void);

void die(const char *what);
