package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.Feature;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A pager process may serve any number of clients, one after the other. */
class RecycledLaneTest {
  private static final int CLIENTS = 20;

  @Test
  void handlersOfAClientThatHasLeftAreThoseOfTheNext() {
    SimulatedKernel kernel = new SimulatedKernel();
    AtomicLong allocated = new AtomicLong();
    try (Arena memory = Arena.ofShared()) {
      PagerCore core =
          new PagerCore(
              kernel,
              counting(memory, allocated),
              (int) PAGE,
              4096,
              PagerOptions.of(4096 * PAGE),
              kernel::mapUnreserved);
      WatchedSpace space =
          new WatchedSpace(
              kernel.newProcess().openUserfaultfd(OpenOptions.of(Feature.PAGEFAULT_FLAG_WP)));
      core.recycle(core.newHandler(space));
      long before = allocated.get();
      for (int i = 0; i < CLIENTS; i++) {
        FaultHandler handler = core.newHandler(space);
        handler.stop();
        handler.run();
        core.recycle(handler);
      }
      assertThat(allocated).hasValue(before);
      FaultHandler first = core.newHandler(space);
      assertThat(core.newHandler(space).lane()).as("both in use").isNotSameAs(first.lane());
      assertThat(allocated.get()).isGreaterThan(before);
      space.uffd.close();
      core.stopLeaving();
    }
  }

  private static Arena counting(Arena memory, AtomicLong allocated) {
    return new Arena() {
      @Override
      public MemorySegment allocate(long byteSize, long byteAlignment) {
        allocated.addAndGet(byteSize);
        return memory.allocate(byteSize, byteAlignment);
      }

      @Override
      public MemorySegment.Scope scope() {
        return memory.scope();
      }

      @Override
      public void close() {
        memory.close();
      }
    };
  }
}
