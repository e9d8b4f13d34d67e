package io.faultline.paging;

/** What a pager counts. */
enum Counter {
  FAULTS,
  PROTECT_FAULTS,
  FILLS,
  PAGES_READ,
  PAGES_AHEAD,
  AHEAD_HITS,
  EVICTED_CLEAN,
  EVICTED_DIRTY,
  RESCUED,
  BUSY,
  WRITES,
  PAGES_WRITTEN,
  VANISHED,
  ERRORS
}
