package io.faultline.dest;

import io.faultline.dest.takeover.WrittenPages;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.List;

/**
 * Places pages in a separate region before a VM is paused, so that the JVM has compiled the path:
 * otherwise the guest's first fault would wait for that.
 */
final class PlacementRehearsal {
  private static final int ROUNDS = 64;

  private PlacementRehearsal() {}

  static void run(Kernel kernel, MigrationParameters parameters) throws WireException {
    int pageBytes = (int) kernel.pageSizeBytes(PageSize.BASE);
    boolean continued = parameters.hasStaleSet();
    Backing backing = continued ? Backing.SHMEM : Backing.ANONYMOUS;
    try (MemoryRegion contents =
            MemoryRegion.map(kernel, 0, "contents", Backing.ANONYMOUS, pageBytes);
        MemoryRegion region =
            MemoryRegion.map(kernel, 0, "rehearsal", backing, 3L * ROUNDS * pageBytes);
        RegisteredMemory registered =
            RegisteredMemory.start(
                kernel,
                MemoryRegistration.open(kernel, List.of(region), parameters.placement()),
                parameters,
                context(kernel),
                WrittenPages.NONE)) {
      registered.guestStarts();
      for (int round = 0; round < ROUNDS; round++) {
        PageStream stream = registered.urgentStream();
        stream.run(0, 3L * round, 1, Encoding.ENCODING_RAW, pageBytes, 0);
        stream.data(contents.guest().dataAddress(0), pageBytes);
        stream.run(0, 3L * round + 1, 1, Encoding.ENCODING_ZERO, 0, 0);
        if (continued) {
          stream.run(0, 3L * round + 2, 1, Encoding.ENCODING_CURRENT, 0, 0);
        }
        registered.faultReader().readFaults();
      }
    }
  }

  /** The VM is not paused yet, and nothing waits for memory. */
  private static PlacementContext context(Kernel kernel) {
    MemoryWaits none =
        (waiter, of, offset) -> {
          throw new PlacementException(MemoryShortage.describe(kernel, of, offset));
        };
    return new PlacementContext(new NoRequests(), none, none, new IncomingCounters(), null, null);
  }

  /** No thread accesses the region, so there are no faults. */
  private static final class NoRequests implements FaultReader.PageRequests {
    @Override
    public void add(int region, long page) {
      throw new IllegalStateException("a fault in the memory of the rehearsal");
    }

    @Override
    public void flush() {}
  }
}
