/*
 * Memory that is larger than RAM, for programs in C and C++: a region of this process is backed by a
 * file, and a pager process (faultline pager) fills its pages when they are touched, and evicts others.
 *
 *     gcc -O2 -pthread program.c faultline_pager.c
 *
 * Needs Linux 5.19 and the right to use userfaultfd: access to /dev/userfaultfd, CAP_SYS_PTRACE, or
 * vm.unprivileged_userfaultfd = 1. Without it the region still works for the program itself, but a
 * system call that is given an address of a page that is not in memory fails with EFAULT.
 *
 * Functions that can fail return -1 or NULL, set errno, and describe the failure in faultline_error().
 * All functions are thread-safe, also for one region; requests for one region are answered in order.
 * Only faultline_unmap() must be the last call for its region.
 *
 *   - A store that cannot be read gives SIGBUS where the page is touched, and never zeros.
 *   - If the pager ends, the region becomes inaccessible (SIGSEGV): what was not flushed is lost.
 *   - If this process ends, the pager writes back what it has changed.
 *   - A child of fork() does not have the region. Do not call mremap() or munmap() for it.
 */
#ifndef FAULTLINE_PAGER_H
#define FAULTLINE_PAGER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A mapped region. It has a connection to the pager of its own. */
typedef struct faultline_region faultline_region;

enum faultline_advice { FAULTLINE_NORMAL, FAULTLINE_SEQUENTIAL, FAULTLINE_RANDOM };

/* The settings of a region. All zeros are the defaults. */
struct faultline_options {
  uint64_t least_bytes;         /* of the buffer, that the region keeps whatever others need */
  uint64_t most_bytes;          /* that it has in memory at most; 0: no limit but the buffer */
  enum faultline_advice advice; /* how it will be accessed */
};

/*
 * Maps a part of a store.
 *
 * socket  where the pager listens (its option --socket)
 * store   the file: an absolute path below the pager's --store-root, or the name of its --store
 * offset  of the region in the store, in bytes, a multiple of the page size
 * length  in bytes, more than 0; rounded up to whole pages
 * prot    PROT_READ, or PROT_READ | PROT_WRITE. Without PROT_WRITE the pager opens the store for
 *         reading only, and a store to the region is SIGBUS even if it is made writable by mprotect()
 */
faultline_region *faultline_map(
    const char *socket, const char *store, uint64_t offset, size_t length, int prot);

/* The same at an address, a multiple of the page size. Replaces what is mapped there, as MAP_FIXED. */
faultline_region *faultline_map_at(
    void *address, const char *socket, const char *store, uint64_t offset, size_t length, int prot);

/* As faultline_map(), or faultline_map_at() if the address is not NULL, with settings. */
faultline_region *faultline_map_with(
    void *address, const char *socket, const char *store, uint64_t offset, size_t length, int prot,
    const struct faultline_options *options);

/* The first byte of the region. */
void *faultline_address(const faultline_region *region);

/* Its length in bytes: whole pages. */
size_t faultline_length(const faultline_region *region);

/* How much memory the pager has for all its regions, in bytes. */
uint64_t faultline_buffer(const faultline_region *region);

/*
 * Writes back what was changed and unmaps the region. If it cannot be written, the region stays mapped
 * and the call may be repeated; if the pager is gone, the region is unmapped, and the call fails.
 */
int faultline_unmap(faultline_region *region);

/* Makes what was written before the call durable. Offset and length are in bytes, within the region. */
int faultline_flush(faultline_region *region, uint64_t offset, uint64_t length);

/* Reads pages before they are touched. */
int faultline_prefetch(faultline_region *region, uint64_t offset, uint64_t length);

/* Makes a range of whole pages read as zeros, in memory and in the store. */
int faultline_discard(faultline_region *region, uint64_t offset, uint64_t length);

/*
 * Reads pages, and keeps them in memory until they are unpinned or unmapped. EREMOTEIO if more than half
 * of the buffer, or of most_bytes, would be pinned: then nothing is. A page may be pinned seven times.
 */
int faultline_pin(faultline_region *region, uint64_t offset, uint64_t length);

/* Ends pins: each page of the range must have one. */
int faultline_unpin(faultline_region *region, uint64_t offset, uint64_t length);

/* Announces how a range will be accessed. */
int faultline_advise(
    faultline_region *region, uint64_t offset, uint64_t length, enum faultline_advice advice);

/* Copies the pager's counters, one JSON object with a final 0, to a buffer. ENOSPC if it is too small. */
int faultline_stats(faultline_region *region, char *json, size_t size);

/* Describes the last failure of a call in this thread, for users; "" if there was none. */
const char *faultline_error(void);

#ifdef __cplusplus
}
#endif
#endif
