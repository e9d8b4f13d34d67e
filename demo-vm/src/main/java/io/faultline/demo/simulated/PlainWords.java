package io.faultline.demo.simulated;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** Guest memory without missing pages and without userfaultfd: for reference runs. */
record PlainWords(MemorySegment ram) implements GuestWords {
  @Override
  public long load(long offsetBytes) {
    return ram.get(JAVA_LONG, offsetBytes);
  }

  @Override
  public void store(long offsetBytes, long value) {
    ram.set(JAVA_LONG, offsetBytes, value);
  }
}
