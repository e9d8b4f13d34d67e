package io.faultline.paging;

/**
 * What a pager has done so far, and what it holds.
 *
 * @param faults faults of native threads on missing pages
 * @param protectFaults faults of native threads on write-protected pages
 * @param fills reads of the store
 * @param pagesRead pages read from the store, those read ahead included
 * @param pagesAhead pages read ahead
 * @param evictedClean pages dropped, which equalled the store
 * @param evictedDirty pages moved to the staging ring
 * @param rescued pages that were accessed while they were staged
 * @param busy pages that could not be moved, since the kernel used them for I/O
 * @param writes writes of the store
 * @param pagesWritten pages written to the store
 * @param vanished pages that the application dropped itself (MADV_DONTNEED)
 * @param errors failures of the store, and others that the listener was told
 * @param usedPages pages in memory, staged ones included
 * @param mostUsedPages the maximum of that so far
 * @param bufferPages its limit
 */
public record PagerStats(
    long faults,
    long protectFaults,
    long fills,
    long pagesRead,
    long pagesAhead,
    long evictedClean,
    long evictedDirty,
    long rescued,
    long busy,
    long writes,
    long pagesWritten,
    long vanished,
    long errors,
    long usedPages,
    long mostUsedPages,
    long bufferPages) {

  /** What was done since an earlier time; what is held stays as it is. */
  public PagerStats since(PagerStats earlier) {
    return new PagerStats(
        faults - earlier.faults,
        protectFaults - earlier.protectFaults,
        fills - earlier.fills,
        pagesRead - earlier.pagesRead,
        pagesAhead - earlier.pagesAhead,
        evictedClean - earlier.evictedClean,
        evictedDirty - earlier.evictedDirty,
        rescued - earlier.rescued,
        busy - earlier.busy,
        writes - earlier.writes,
        pagesWritten - earlier.pagesWritten,
        vanished - earlier.vanished,
        errors - earlier.errors,
        usedPages,
        mostUsedPages,
        bufferPages);
  }
}
