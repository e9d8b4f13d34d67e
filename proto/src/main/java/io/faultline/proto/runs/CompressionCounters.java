package io.faultline.proto.runs;

import java.util.concurrent.atomic.LongAdder;

/**
 * What compression has done in one migration. Thread-safe.
 *
 * @param pages base pages sent compressed
 * @param bytesBefore their size before compression
 * @param bytesAfter their size after compression
 * @param nanos processor time spent, including runs that did not get smaller
 */
public record CompressionCounters(
    LongAdder pages, LongAdder bytesBefore, LongAdder bytesAfter, LongAdder nanos) {
  /** All zero. */
  public CompressionCounters() {
    this(new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder());
  }
}
