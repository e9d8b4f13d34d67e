package io.faultline.pager;

import io.faultline.paging.AccessAdvice;

/**
 * A request of a client.
 *
 * @param verb what to do
 * @param region an index; -1 for all regions
 * @param offset in the region
 * @param lengthBytes -1 to the end of the region
 * @param advice for {@link Verb#ADVISE}
 */
record Request(Verb verb, int region, long offset, long lengthBytes, Advice advice) {
  /** What a client may ask for. */
  enum Verb {
    FLUSH,
    PREFETCH,
    DISCARD,
    ADVISE,
    PIN,
    UNPIN,
    STATS,
    CLOSE
  }

  /** How a region will be accessed. */
  enum Advice {
    NORMAL(AccessAdvice.NORMAL),
    SEQUENTIAL(AccessAdvice.SEQUENTIAL),
    RANDOM(AccessAdvice.RANDOM);

    private final AccessAdvice access;

    Advice(AccessAdvice access) {
      this.access = access;
    }

    AccessAdvice access() {
      return access;
    }
  }
}
