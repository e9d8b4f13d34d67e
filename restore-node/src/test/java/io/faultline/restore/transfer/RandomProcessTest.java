package io.faultline.restore.transfer;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.opentest4j.TestAbortedException;

/**
 * Processes that change their memory while it arrives, in any order: every word is right, in the
 * process and in every child.
 */
class RandomProcessTest {
  private static final int STEPS = 120;
  private static final long END_NANOS = 30_000_000_000L;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @Test
  @Timeout(120)
  void everyWordIsRightInTheSimulatedKernel() throws Exception {
    for (int round = 0; round < 150; round++) {
      play(new SimulatedKernel(), seed + round);
    }
  }

  @Test
  @Timeout(120)
  void everyWordIsRightInTheKernel() throws Exception {
    LinuxKernel kernel = new LinuxKernel();
    assumeThat(kernel.supportedFeatures()).as("events of userfaultfd").contains(Feature.EVENT_FORK);
    for (int round = 0; round < 60; round++) {
      play(kernel, seed + round);
    }
  }

  private static void play(Kernel kernel, long seed) throws Exception {
    Random random = new Random(seed);
    int pages = 40 + random.nextInt(150);
    long start = kernel.map(MapRequest.anonymous((long) pages * PAGE_BYTES, PageSize.BASE));
    DumpLayout layout = layout(random, start, pages);
    List<Throwable> failures = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      RandomOrigin origin = new RandomOrigin(random, layout, RandomProcess::write, arena);
      RandomSession session = new RandomSession(origin, random, System::nanoTime);
      session.add(open(kernel, start, pages), layout);
      RandomProcess process =
          new RandomProcess(kernel, new Random(random.nextLong()), "process", failures);
      process.add(start, pages, layout::pageAt);
      Thread guest = RandomProcess.start(process, STEPS);
      long end = System.nanoTime() + END_NANOS;
      while (guest.isAlive() || !session.isFinished()) {
        assertThat(System.nanoTime()).as("ends, seed %d", seed).isLessThan(end);
        session.turn();
        if (random.nextInt(8) == 0) {
          LockSupport.parkNanos(1); // lets the process run, on one CPU too
        }
      }
      session.close();
    }
    assertThat(failures).as("seed %d", seed).isEmpty();
  }

  private static Userfaultfd open(Kernel kernel, long start, int pages) {
    OpenOptions events =
        OpenOptions.of(
            Feature.EVENT_FORK, Feature.EVENT_REMAP, Feature.EVENT_REMOVE, Feature.EVENT_UNMAP);
    try {
      Userfaultfd userfaultfd = kernel.openUserfaultfd(events.withScope(FaultScope.WIDEST));
      userfaultfd.register(start, (long) pages * PAGE_BYTES, Set.of(RegisterMode.MISSING));
      return userfaultfd;
    } catch (SystemCallException e) {
      throw new TestAbortedException("userfaultfd is not allowed here: " + e.getMessage(), e);
    }
  }

  private static DumpLayout layout(Random random, long start, int pages) {
    List<long[]> extents = new ArrayList<>();
    int at = random.nextInt(4);
    while (at < pages) {
      int length = Math.min(pages - at, 1 + random.nextInt(30));
      extents.add(new long[] {start + (long) at * PAGE_BYTES, length});
      at += length + (random.nextInt(3) == 0 ? random.nextInt(8) : 0);
    }
    return new DumpLayout(
        1,
        extents.stream().mapToLong(extent -> extent[0]).toArray(),
        extents.stream().mapToLong(extent -> extent[1]).toArray());
  }
}
