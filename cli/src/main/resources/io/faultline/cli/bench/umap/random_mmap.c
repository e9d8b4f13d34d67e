/*
 * For LD_PRELOAD: files that a program maps are announced as accessed at random (MADV_RANDOM), which
 * turns off the kernel's read-ahead for them. Nothing else changes.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *mmap(void *address, size_t length, int prot, int flags, int fd, off_t offset) {
  void *mapped = (void *) syscall(SYS_mmap, address, length, prot, flags, fd, offset);
  if (mapped != MAP_FAILED && (flags & MAP_SHARED) && fd >= 0) madvise(mapped, length, MADV_RANDOM);
  return mapped;
}
