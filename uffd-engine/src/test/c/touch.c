/*
 * Maps a file: touch FILE BYTES. Prints "at ADDRESS", then for each line "PAGE" that it reads
 * the first eight bytes of that page; "w PAGE VALUE" writes them first.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int fd = argc == 3 ? open(argv[1], O_RDWR) : -1;
  if (fd < 0) return 2;
  long bytes = atol(argv[2]);
  char *memory = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return 3;
  setvbuf(stdout, 0, _IOLBF, 0);
  printf("main %d\nat %lx\n", getpid(), (long)memory);
  char line[100];
  while (fgets(line, sizeof line, stdin)) {
    long page, value;
    if (sscanf(line, "w %ld %ld", &page, &value) == 2)
      *(volatile int64_t *)(memory + page * 4096) = value;
    else if (sscanf(line, "%ld", &page) != 1)
      return 4;
    printf("%ld\n", (long)*(volatile int64_t *)(memory + page * 4096));
  }
  return 0;
}
