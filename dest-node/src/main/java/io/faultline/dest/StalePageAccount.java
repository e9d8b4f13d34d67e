package io.faultline.dest;

import io.faultline.proto.WireException;

/**
 * The account of the pages that come behind RUN on the connections of one attempt: how many are
 * due, and how many came on each. Belongs to the control loop.
 */
final class StalePageAccount {
  private static final long NOT_YET = -1;

  private final long urgentBefore;
  private final long placedBefore;
  private long expected = NOT_YET;
  private long urgent = NOT_YET;
  private long bulk = NOT_YET;

  /**
   * @param urgentBefore urgent pages that came in attempts before
   * @param placedBefore all pages that were placed in attempts before
   */
  StalePageAccount(long urgentBefore, long placedBefore) {
    this.urgentBefore = urgentBefore;
    this.placedBefore = placedBefore;
  }

  /** So many pages are due. */
  void expect(long pages) {
    expected = pages;
  }

  /** Whether the urgent stream has ended. */
  boolean isUrgentEnded() {
    return urgent != NOT_YET;
  }

  /** The urgent stream has ended; so many urgent pages came in all attempts. */
  void urgentEnded(long announced, long receivedInAll) throws WireException {
    long received = receivedInAll - urgentBefore;
    check("urgent", announced, received);
    urgent = received;
  }

  /** The background stream has ended. */
  void bulkEnded(long announced, long received) throws WireException {
    if (bulk != NOT_YET) {
      throw new WireException("the background stream ended twice");
    }
    check("background", announced, received);
    bulk = received;
  }

  /**
   * Whether both streams have ended and all is known.
   *
   * @throws WireException where pages are missing then
   */
  boolean areHere() throws WireException {
    if (urgent == NOT_YET || bulk == NOT_YET || expected == NOT_YET) {
      return false;
    }
    if (urgent + bulk != expected) {
      throw new WireException(
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
        : (expected - (placed - placedBefore)) + " of its " + total + " pages are missing";
  }

  private static void check(String name, long announced, long received) throws WireException {
    if (announced != received) {
      throw new WireException(
          "the " + name + " stream ended after " + announced + " pages, " + received + " came");
    }
  }
}
