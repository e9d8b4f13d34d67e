package io.faultline.source;

/** Pumps whose clock stands still. */
final class TestPumps {
  private TestPumps() {}

  /** A pump without a limit. */
  static BulkPump unlimited(PageSink sink) {
    return new BulkPump(
        sink,
        new RateLimit(SourceSettings.UNLIMITED),
        () -> 0,
        nanos -> {
          throw new AssertionError("an unlimited pump must not wait");
        });
  }
}
