package io.faultline.uffd.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.faultline.uffd.Advice;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.lang.management.ManagementFactory;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The hot path allocates nothing once it is compiled. Before that it does, so the calls are
 * repeated until they are compiled, or the time limit is reached.
 */
@Timeout(120)
class AllocationTest {
  private static final int CALLS = 1_000;
  private static final long PAGE = 4096;
  private static final long LENGTH = CALLS * PAGE;
  private static final long LIMIT_NANOS = 30_000_000_000L;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final EventBuffer events = new EventBuffer(1);
  private LinuxKernel kernel;
  private Userfaultfd uffd;
  private long target;
  private long source;

  @BeforeEach
  void open() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    kernel = new LinuxKernel();
    assumeTrue(!kernel.supportedFeatures().isEmpty(), "the kernel refuses userfaultfd");
    uffd = kernel.openUserfaultfd(OpenOptions.of());
    target = kernel.map(MapRequest.anonymous(LENGTH, PageSize.BASE));
    source = kernel.map(MapRequest.anonymous(PAGE, PageSize.BASE));
    kernel.guestStore(source, 1);
    uffd.register(target, LENGTH, Set.of(RegisterMode.MISSING));
  }

  @AfterEach
  void close() {
    if (source != 0) {
      uffd.close();
      kernel.unmap(target, LENGTH);
      kernel.unmap(source, PAGE);
    }
  }

  @Test
  void copyAllocatesNothing() {
    assertThat(minAllocatedBytes(this::dropAll, this::copyAll)).isZero();
  }

  @Test
  void readOfAFaultAllocatesNothing() throws InterruptedException {
    Thread guest = Thread.ofPlatform().daemon().start(() -> kernel.guestLoad(target));
    assertThat(minAllocatedBytes(() -> {}, this::readRepeatedly)).isZero();
    uffd.copy(target, source, PAGE, FillMode.WAKE);
    guest.join();
  }

  private void dropAll() {
    kernel.advise(target, LENGTH, Advice.DONT_NEED);
  }

  private void copyAll() {
    for (long offset = 0; offset < LENGTH; offset += PAGE) {
      long result = uffd.copy(target + offset, source, PAGE, FillMode.WAKE);
      if (!FillResult.isComplete(result)) {
        throw new AssertionError(FillResult.describe(result));
      }
    }
  }

  /** Reads the same fault repeatedly: the guest, woken without its page, faults again. */
  private void readRepeatedly() {
    for (int i = 0; i < CALLS; i++) {
      while (uffd.read(events) == 0) {
        if (Thread.interrupted()) {
          throw new AssertionError("no fault after " + i);
        }
      }
      if (events.address(0) != target) {
        throw new AssertionError("a fault at " + events.address(0));
      }
      uffd.wake(target, PAGE);
    }
  }

  /**
   * @param prepare runs before each measurement
   */
  private long minAllocatedBytes(Runnable prepare, Runnable calls) {
    long end = System.nanoTime() + LIMIT_NANOS;
    long min = Long.MAX_VALUE;
    while (min > 0 && System.nanoTime() < end) {
      prepare.run();
      long before = threads.getCurrentThreadAllocatedBytes();
      calls.run();
      min = Math.min(min, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return min;
  }
}
