package io.faultline.restore.space;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Orders of events and results that the kernel produces rarely, from a script. */
class SpaceTest implements Space.Listener {
  private static final long PAGE = 4096;
  private static final long A = 0x100000;
  private static final long B = 0x200000;
  private static final long C = 0x300000;

  /** The script reads no contents. */
  private static final long DATA = 0x700000;

  private final List<String> calls = new ArrayList<>();
  private final Deque<long[]> events = new ArrayDeque<>();
  private final Deque<Long> results = new ArrayDeque<>();
  private final DumpLayout layout = new DumpLayout(1, new long[] {A, C}, new long[] {2, 2});
  private final SpaceCounters counters = new SpaceCounters(System::nanoTime);
  private boolean withoutZeroPage;
  private final Space space = new Space(userfaultfd(), layout, this, counters);

  @Test
  void pagesMovedToWhereOthersHaveLeftStayMissing() {
    event(EventType.REMAP, A, B, 2 * PAGE); // one thread
    event(EventType.REMAP, C, A, 2 * PAGE); // another one, before the first one's UNMAP
    event(EventType.UNMAP, A, A + 2 * PAGE, 0);
    event(EventType.UNMAP, C, C + 2 * PAGE, 0);
    space.readEvents();
    assertThat(space.place(0, 4, DATA, true)).isTrue();
    assertThat(calls).containsExactly("copy 200000 8192", "copy 100000 8192");
    assertThat(space.isComplete()).isTrue();
  }

  @Test
  void laterUnmapOfTheSameRangeIsApplied() {
    event(EventType.REMAP, A, B, 2 * PAGE);
    event(EventType.UNMAP, A, A + 2 * PAGE, 0);
    event(EventType.REMAP, C, A, 2 * PAGE);
    event(EventType.UNMAP, C, C + 2 * PAGE, 0);
    event(EventType.UNMAP, A, A + 2 * PAGE, 0);
    space.readEvents();
    assertThat(space.missing().count()).isEqualTo(2);
    assertThat(space.place(0, 4, DATA, true)).isTrue();
    assertThat(calls).containsExactly("copy 200000 8192");
  }

  @Test
  void faultOnAPageThatIsDroppedLaterGetsZeros() {
    event(EventType.PAGE_FAULT, 0, A, 0);
    event(EventType.REMOVE, A, A + PAGE, 0);
    space.readEvents();
    space.settle();
    assertThat(calls)
        .as("not over the missing page after it")
        .containsExactly("zeroPage 100000 4096");
    assertThat(space.place(0, 1, DATA, true)).isTrue();
    assertThat(calls).hasSize(1);
  }

  @Test
  void faultsOnDroppedMemoryInTurnAreResolvedInRunsThatGrow() {
    long address = 0x10000000;
    for (long pages = 16; pages <= 512; pages *= 2) {
      event(EventType.PAGE_FAULT, 0, address, 0);
      settle();
      assertThat(calls).endsWith("zeroPage " + Long.toHexString(address) + " " + pages * PAGE);
      address += pages * PAGE;
    }
    event(EventType.PAGE_FAULT, 0, address, 0);
    event(EventType.PAGE_FAULT, 0, A - PAGE, 0); // resolved first, as it was read last
    settle();
    assertThat(calls).endsWith("zeroPage ff000 4096", "zeroPage 103f0000 65536");
  }

  @Test
  void zerosAreFilledUpToTheNextMissingPage() {
    event(EventType.PAGE_FAULT, 0, C - 2 * PAGE, 0);
    event(EventType.PAGE_FAULT, 0, A + 2 * PAGE, 0);
    settle();
    assertThat(calls).containsExactly("zeroPage 102000 65536", "zeroPage 2fe000 8192");
    assertThat(space.missing().count()).isEqualTo(4);
    assertThat(counters.zeroPages).isEqualTo(18);
  }

  @Test
  void zerosOverTheEndOfAMappingAreFilledInHalves() {
    event(EventType.PAGE_FAULT, 0, B, 0);
    results.add(FillResult.of(0, Errno.ENOENT));
    results.add(FillResult.of(0, Errno.ENOENT));
    settle();
    assertThat(calls)
        .containsExactly("zeroPage 200000 65536", "zeroPage 200000 32768", "zeroPage 200000 16384");
    assertThat(space.isUnsettled()).isFalse();
  }

  @Test
  void faultWhereNothingIsMappedIsWoken() {
    event(EventType.PAGE_FAULT, 0, B, 0);
    for (int i = 0; i < 5; i++) {
      results.add(FillResult.of(0, Errno.ENOENT));
    }
    settle();
    assertThat(calls).hasSize(6).endsWith("zeroPage 200000 4096", "wake 200000 4096");
    assertThat(space.isComplete()).isFalse();
  }

  @Test
  void zerosThatTheKernelFillsInPartResolveTheirFaultOnly() {
    event(EventType.PAGE_FAULT, 0, B, 0);
    event(EventType.PAGE_FAULT, 0, B + PAGE, 0);
    results.add(FillResult.of(0, Errno.EAGAIN));
    results.add(FillResult.of(PAGE, Errno.EAGAIN));
    settle();
    assertThat(space.isUnsettled()).as("the first one read is resolved, the other is not").isTrue();
    settle();
    assertThat(calls).endsWith("zeroPage 201000 65536");
    assertThat(space.isUnsettled()).isFalse();
  }

  @Test
  void pagesOfZerosAreNotCopied() {
    assertThat(space.place(0, 4, Space.ZEROS, true)).isTrue();
    assertThat(calls).containsExactly("zeroPage 100000 8192", "zeroPage 300000 8192");
    assertThat(space.isComplete()).isTrue();
    assertThat(counters.placedZeroPages).isEqualTo(4);
  }

  @Test
  void pagesOfZerosAreCopiedWhereTheKernelHasNoZeroPage() {
    withoutZeroPage = true;
    results.add(FillResult.of(PAGE, Errno.EAGAIN));
    assertThat(space.place(0, 2, Space.ZEROS, true)).isTrue();
    assertThat(calls)
        .containsExactly(
            "zeroPage 100000 8192", "copy 100000 8192", "zeroPage 101000 4096", "copy 101000 4096");
    assertThat(space.missing().count()).isEqualTo(2);
  }

  @Test
  void faultsWhereNothingIsMappedAnyMoreAreWoken() {
    event(EventType.PAGE_FAULT, 0, A, 0);
    event(EventType.UNMAP, A, A + PAGE, 0);
    event(EventType.PAGE_FAULT, 0, C + PAGE, 0);
    event(EventType.REMAP, C, B, 2 * PAGE);
    space.readEvents();
    assertThat(calls).containsExactly("wake 100000 4096", "wake 300000 8192");
  }

  @Test
  void pageThatIsThereAlreadyIsWoken() {
    results.add(FillResult.of(PAGE, Errno.EAGAIN)); // the first one of two
    results.add(FillResult.of(0, Errno.EEXIST));
    assertThat(space.place(0, 2, DATA, true)).isTrue();
    assertThat(calls).containsExactly("copy 100000 8192", "copy 101000 4096", "wake 101000 4096");
    assertThat(counters.alreadyPresent).isEqualTo(1);
  }

  @Test
  void runAcrossTheBorderOfAMappingIsHalved() {
    space.registered();
    results.add(FillResult.of(0, Errno.ENOENT));
    assertThat(space.place(0, 2, DATA, true)).isTrue();
    assertThat(calls).containsExactly("copy 100000 8192", "copy 100000 4096", "copy 101000 4096");
  }

  @Test
  void pageWithoutAMappingIsKeptUntilNoEventCanExplainIt() {
    space.registered();
    event(EventType.PAGE_FAULT, 0, A, 0);
    space.readEvents();
    results.add(FillResult.of(0, Errno.ENOENT));
    assertThat(space.place(0, 1, DATA, true)).as("an event may be under way").isFalse();
    results.add(FillResult.of(0, Errno.ENOENT));
    assertThat(space.place(0, 1, DATA, false)).isTrue();
    assertThat(space.missing().get(0)).isFalse();
    results.add(FillResult.of(0, Errno.ENOENT));
    space.settle();
    assertThat(calls).endsWith("zeroPage 100000 4096", "wake 100000 4096");
  }

  @Test
  void endOfTheProcessCompletesItsSpace() {
    results.add(FillResult.of(0, Errno.ESRCH));
    assertThat(space.place(0, 1, DATA, true)).isTrue();
    assertThat(space.isGone()).isTrue();
    assertThat(space.isComplete()).isTrue();
  }

  private void settle() {
    space.readEvents();
    space.settle();
  }

  private void event(EventType type, long first, long second, long third) {
    long[] words =
        type == EventType.PAGE_FAULT
            ? new long[] {type.ordinal(), second, first, third}
            : new long[] {type.ordinal(), first, second, third};
    events.add(words);
  }

  private Userfaultfd userfaultfd() {
    return (Userfaultfd)
        Proxy.newProxyInstance(
            Userfaultfd.class.getClassLoader(),
            new Class<?>[] {Userfaultfd.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "read" -> read((EventBuffer) args[0]);
                  case "copy" -> fill("copy", (long) args[0], (long) args[2]);
                  case "zeroPage" -> zeroPage((long) args[0], (long) args[1]);
                  case "wake" -> {
                    record("wake", (long) args[0], (long) args[1]);
                    yield null;
                  }
                  default -> throw new AssertionError(method + " is not in the script");
                });
  }

  private int read(EventBuffer buffer) {
    buffer.clear();
    int read = 0;
    for (long[] next = events.poll(); next != null; next = events.poll()) {
      buffer.add(EventType.values()[(int) next[0]], next[1], next[2], next[3]);
      read++;
    }
    return read;
  }

  private long zeroPage(long address, long bytes) {
    if (withoutZeroPage) {
      record("zeroPage", address, bytes);
      throw new SystemCallException("UFFDIO_ZEROPAGE", Errno.EINVAL);
    }
    return fill("zeroPage", address, bytes);
  }

  private long fill(String call, long address, long bytes) {
    record(call, address, bytes);
    Long result = results.poll();
    return result == null ? FillResult.of(bytes, 0) : result;
  }

  private void record(String call, long address, long bytes) {
    calls.add(call + " " + Long.toHexString(address) + " " + bytes);
  }

  @Override
  public void waits(Space of, long page) {}

  @Override
  public void forked(Space parent, Space child) {
    throw new AssertionError("no fork in the script");
  }
}
