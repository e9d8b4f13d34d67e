/*
 * A program that uses umap's interface, as one that was linked with umap does: umap_program FILE. The file
 * has at least 64 pages. Prints what it did, or on standard error what was wrong.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 60
#define FIRST 3 /* of the file */
#define PINNED 4

void *umap(void *address, size_t length, int prot, int flags, int fd, off_t offset);
int uunmap(void *address, size_t length);
int umap_flush(void);
struct umap_prefetch_item {
  void *page;
};
void umap_prefetch(int count, struct umap_prefetch_item *pages);
void umap_fetch_and_pin(char *address, uint64_t size);
uint64_t umapcfg_get_umap_page_size(void);
uint64_t umapcfg_get_max_pages_in_buffer(void);

static void require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "%s (errno: %s)\n", what, strerror(errno));
  exit(1);
}

static uint64_t word_of_file(int fd, size_t page) {
  uint64_t word;
  require(pread(fd, &word, sizeof word, page * PAGE) == sizeof word, "the file is too short");
  return word;
}

/* How many of some pages are in memory. */
static int in_memory(char *from, int pages) {
  unsigned char present[PAGES];
  int sum = 0;
  require(mincore(from, pages * PAGE, present) == 0, "mincore");
  for (int page = 0; page < pages; page++) sum += present[page] & 1;
  return sum;
}

int main(int count, char **arguments) {
  require(count == 2, "umap_program FILE");
  int fd = open(arguments[1], O_RDWR), reader = open(arguments[1], O_RDONLY);
  require(fd >= 0 && reader >= 0, "the file cannot be opened");
  uint64_t before = word_of_file(reader, 0);

  require(umap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, reader, 0) == MAP_FAILED && errno == EACCES,
          "a file that was opened for reading was mapped for writing");
  require(umap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EINVAL,
          "a shared mapping was accepted");

  void *place = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *region = umap(place, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, FIRST * PAGE);
  require(region == place, "it is not mapped where it should be");
  require(umapcfg_get_max_pages_in_buffer() * umapcfg_get_umap_page_size() >= 4 * PAGE, "no buffer");
  for (uint64_t page = 0; page < PAGES; page++) *(uint64_t *) (region + page * PAGE) = page + 100;
  require(umap_flush() == 0, "umap_flush failed");
  for (uint64_t page = 0; page < PAGES; page++)
    require(word_of_file(reader, FIRST + page) == page + 100, "the file lacks what was flushed");
  require(word_of_file(reader, 0) == before, "the offset did not count");

  struct umap_prefetch_item items[PAGES];
  for (int page = 0; page < PAGES; page++) items[page].page = region + page * PAGE;
  umap_prefetch(PAGES, items);
  umap_fetch_and_pin(region + 8 * PAGE, PINNED * PAGE);
  umap_fetch_and_pin(region, PAGES * PAGE); /* too much: reported */
  for (uint64_t page = 0; page < PAGES; page++) {
    require(*(uint64_t *) (region + page * PAGE) == page + 100, "memory lacks what was written");
    *(uint64_t *) (region + page * PAGE) += 1000;
  }
  require(in_memory(region, PAGES) < PAGES / 2, "the buffer is larger than the program assumes");
  require(in_memory(region + 8 * PAGE, PINNED) == PINNED, "a pinned page has left");
  require(uunmap(region + PAGE, PAGE) == -1 && errno == EINVAL, "a part was unmapped");
  require(uunmap(region, PAGES * PAGE) == 0, "uunmap failed");
  unsigned char present;
  require(mincore(region, PAGE, &present) < 0 && errno == ENOMEM, "it is still mapped");
  for (uint64_t page = 0; page < PAGES; page++)
    require(word_of_file(reader, FIRST + page) == page + 1100, "uunmap did not write back");

  const char *read_only = umap(NULL, PAGE, PROT_READ, MAP_PRIVATE, reader, FIRST * PAGE);
  require(read_only != MAP_FAILED && *(const uint64_t *) read_only == 1100, "it cannot be read");
  require(uunmap((void *) read_only, PAGE) == 0, "uunmap failed");
  require(unlink(arguments[1]) == 0, "it cannot be deleted");
  require(umap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED, "a deleted file was mapped");
  printf("right\n");
  return 0;
}
