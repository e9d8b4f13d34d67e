package io.faultline.dest;

/** For tests in which every fault is resolved locally, or none happens. */
final class NoRequests implements FaultReader.PageRequests {
  @Override
  public void add(int region, long page) {
    throw new AssertionError("an unexpected request for page " + page);
  }

  @Override
  public void flush() {}
}
