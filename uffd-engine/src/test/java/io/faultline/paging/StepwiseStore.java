package io.faultline.paging;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A store whose calls take effect between two points of {@link Turns}, and which checks that no
 * call overlaps with a write or discard of the same range.
 */
final class StepwiseStore implements PageStore {
  private record Call(long offset, long end, boolean changes) {}

  final byte[] bytes;

  /** Which reads fail, by their number. */
  IntPredicate failingReads = read -> false;

  private final Turns turns;
  private final List<Call> calls = new ArrayList<>();
  private int reads;

  StepwiseStore(Turns turns, long size) {
    this.turns = turns;
    this.bytes = new byte[Math.toIntExact(size)];
  }

  private void during(long offset, long length, boolean changes, Runnable effect) {
    Call call = new Call(offset, offset + length, changes);
    for (Call other : calls) {
      boolean overlaps = other.offset < call.end && offset < other.end;
      if (overlaps && (changes || other.changes)) {
        throw new AssertionError(call + " during " + other);
      }
    }
    calls.add(call);
    try {
      turns.letOthersRun(); // as a thread that waits for a disk
      turns.point();
      effect.run();
      turns.point();
      turns.letOthersRun();
    } finally {
      calls.remove(call);
    }
  }

  @Override
  public long read(long offset, MemorySegment to, long toOffset, long length) throws IOException {
    if (failingReads.test(reads++)) {
      turns.letOthersRun();
      throw new IOException("bad sector");
    }
    during(
        offset,
        length,
        false,
        () -> MemorySegment.copy(bytes, (int) offset, to, JAVA_BYTE, toOffset, (int) length));
    return length;
  }

  @Override
  public void write(long offset, MemorySegment from, long fromOffset, long length) {
    during(
        offset,
        length,
        true,
        () -> MemorySegment.copy(from, JAVA_BYTE, fromOffset, bytes, (int) offset, (int) length));
  }

  @Override
  public void discard(long offset, long length) {
    during(
        offset,
        length,
        true,
        () -> Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0));
  }

  @Override
  public void sync() {
    turns.point();
  }

  @Override
  public int alignment() {
    return 1;
  }
}
