package io.faultline.dest;

/**
 * The account of the pages that come behind RUN: how many are stale, and how many came on each
 * connection. Belongs to the control loop.
 */
final class StalePages {
  private static final long NOT_YET = -1;

  private long expected = NOT_YET;
  private long urgent = NOT_YET;
  private long bulk = NOT_YET;

  /** So many pages are stale. */
  void expect(long pages) {
    expected = pages;
  }

  /** Whether the urgent stream has ended. */
  boolean isUrgentEnded() {
    return urgent != NOT_YET;
  }

  /** The urgent stream has ended. */
  void urgentEnded(long announced, long received) {
    check("urgent", announced, received);
    urgent = received;
  }

  /** The background stream has ended. */
  void bulkEnded(long announced, long received) {
    if (bulk != NOT_YET) {
      throw new IllegalStateException("the background stream ended twice");
    }
    check("background", announced, received);
    bulk = received;
  }

  /**
   * Whether both streams have ended and all is known.
   *
   * @throws IllegalStateException where pages are missing then
   */
  boolean areHere() {
    if (urgent == NOT_YET || bulk == NOT_YET || expected == NOT_YET) {
      return false;
    }
    if (urgent + bulk != expected) {
      throw new IllegalStateException(
          "the source ended its streams, but "
              + (urgent + bulk)
              + " of "
              + expected
              + " pages came");
    }
    return true;
  }

  /** What is missing, for a person. */
  String missing(long placed, long total) {
    return expected == NOT_YET
        ? "it is not known how many of its " + total + " pages are missing"
        : (expected - placed) + " of its " + total + " pages are missing";
  }

  private static void check(String name, long announced, long received) {
    if (announced != received) {
      throw new IllegalStateException(
          "the " + name + " stream ended after " + announced + " pages, " + received + " came");
    }
  }
}
