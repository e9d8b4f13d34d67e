package io.faultline.dest;

/** Nobody faults. */
final class NoRequests implements FaultReader.PageRequests {
  @Override
  public void add(int region, long page) {
    throw new AssertionError("nobody faults here");
  }

  @Override
  public void flush() {}
}
