package io.faultline.dest;

import io.faultline.proto.WireException;

/**
 * Counts the pages that arrive after RUN on the connections of one attempt: how many are expected,
 * and how many each stream brought. Confined to the control loop.
 */
final class PostcopyPageCount {
  private static final long UNKNOWN = -1;

  private final long urgentBefore;
  private final long placedBefore;
  private long expected = UNKNOWN;
  private long urgent = UNKNOWN;
  private long bulk = UNKNOWN;

  /**
   * @param urgentBefore urgent pages of earlier attempts
   * @param placedBefore all pages that were placed in earlier attempts
   */
  PostcopyPageCount(long urgentBefore, long placedBefore) {
    this.urgentBefore = urgentBefore;
    this.placedBefore = placedBefore;
  }

  /** Sets how many pages this attempt must bring. */
  void expect(long pages) {
    expected = pages;
  }

  /** Whether the urgent stream has ended. */
  boolean isUrgentEnded() {
    return urgent != UNKNOWN;
  }

  /** The urgent stream has ended; the second count includes earlier attempts. */
  void urgentEnded(long announced, long receivedInAll) throws WireException {
    long received = receivedInAll - urgentBefore;
    check("urgent", announced, received);
    urgent = received;
  }

  /** The background stream has ended. */
  void bulkEnded(long announced, long received) throws WireException {
    if (bulk != UNKNOWN) {
      throw new WireException("the background stream ended twice");
    }
    check("background", announced, received);
    bulk = received;
  }

  /**
   * Whether both streams have ended and the expected number of pages is known.
   *
   * @throws WireException if that number has not arrived
   */
  boolean haveAllArrived() throws WireException {
    if (urgent == UNKNOWN || bulk == UNKNOWN || expected == UNKNOWN) {
      return false;
    }
    if (urgent + bulk != expected) {
      throw new WireException(
          "the source ended its streams, but "
              + (urgent + bulk)
              + " of "
              + expected
              + " pages were received");
    }
    return true;
  }

  /** How many pages are missing; -1 if it is not known yet. */
  long missing(long placed) {
    return expected == UNKNOWN ? UNKNOWN : expected - (placed - placedBefore);
  }

  /** A human-readable count of the missing pages. */
  String missing(long placed, long total) {
    return expected == UNKNOWN
        ? "an unknown number of its " + total + " pages are missing"
        : missing(placed) + " of its " + total + " pages are missing";
  }

  private static void check(String name, long announced, long received) throws WireException {
    if (announced != received) {
      throw new WireException(
          "the " + name + " stream ended after " + announced + " pages, " + received + " received");
    }
  }
}
