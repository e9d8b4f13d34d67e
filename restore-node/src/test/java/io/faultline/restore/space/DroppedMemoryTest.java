package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.faultline.uffd.Advice;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.opentest4j.TestAbortedException;

/** Memory that a process has dropped, and uses again while other pages are missing. */
class DroppedMemoryTest {
  private static final int PAGES = 2048;

  /** Runs of 16, 32, 64, 128, 256 and 512 pages, and shorter ones at the end. */
  private static final int MOST_FAULTS = 14;

  @Test
  @Timeout(120)
  void takesFewFaultsInTheKernel() {
    LinuxKernel kernel = new LinuxKernel();
    assumeThat(kernel.supportedFeatures()).contains(Feature.EVENT_REMOVE);
    useAgain(kernel);
  }

  @Test
  @Timeout(120)
  void takesFewFaultsInTheSimulatedKernel() {
    useAgain(new SimulatedKernel());
  }

  private static void useAgain(Kernel kernel) {
    long bytes = (long) PAGES * PAGE_BYTES;
    long start = kernel.map(MapRequest.anonymous(bytes, PageSize.BASE));
    SpaceCounters counters = new SpaceCounters(System::nanoTime);
    DumpLayout layout = new DumpLayout(1, new long[] {start}, new long[] {PAGES});
    try (Userfaultfd userfaultfd = open(kernel, start, bytes)) {
      Space space = new Space(userfaultfd, layout, new NoForks(), counters);
      space.registered();
      CompletableFuture<Long> process =
          CompletableFuture.supplyAsync(() -> dropAndLoad(kernel, start, bytes));
      while (!process.isDone()) {
        space.readEvents();
        space.settle();
        LockSupport.parkNanos(1); // lets the process run, on one CPU too
      }
      assertThat(process.join()).as("sum of all words").isZero();
      assertThat(space.missing().count()).as("the page that was not dropped").isEqualTo(1);
      assertThat(counters.zeroPages).isEqualTo(PAGES - 1);
      assertThat(counters.faults).isLessThanOrEqualTo(MOST_FAULTS);
    } finally {
      kernel.unmap(start, bytes);
    }
  }

  /** Drops all pages but the first one. */
  private static long dropAndLoad(Kernel kernel, long start, long bytes) {
    kernel.advise(start + PAGE_BYTES, bytes - PAGE_BYTES, Advice.DONT_NEED);
    long sum = 0;
    for (long offset = PAGE_BYTES; offset < bytes; offset += PAGE_BYTES) {
      sum += kernel.guestLoad(start + offset);
    }
    return sum;
  }

  private static Userfaultfd open(Kernel kernel, long start, long bytes) {
    OpenOptions events = OpenOptions.of(Feature.EVENT_REMOVE, Feature.EVENT_UNMAP);
    try {
      Userfaultfd userfaultfd = kernel.openUserfaultfd(events.withScope(FaultScope.WIDEST));
      userfaultfd.register(start, bytes, Set.of(RegisterMode.MISSING));
      return userfaultfd;
    } catch (SystemCallException e) {
      throw new TestAbortedException("userfaultfd is not allowed here: " + e.getMessage(), e);
    }
  }

  private static final class NoForks implements Space.Listener {
    @Override
    public void waits(Space space, long page) {
      throw new AssertionError("page " + page + " is not touched");
    }

    @Override
    public void forked(Space parent, Space child) {
      throw new AssertionError("nobody forks");
    }
  }
}
