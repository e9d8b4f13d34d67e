package io.faultline.dest;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.List;

/**
 * Places pages in a region of its own once, before a VM is paused: a JVM's first call of anything
 * is slow, and the first fault of the guest would wait for it.
 */
final class PlacingRehearsal {
  private static final int ROUNDS = 64;

  private PlacingRehearsal() {}

  static void run(Kernel kernel, MigrationParameters parameters) throws WireException {
    int pageBytes = (int) kernel.pageSizeBytes(PageSize.BASE);
    boolean continued = parameters.tellsStale();
    Backing backing = continued ? Backing.SHMEM : Backing.ANONYMOUS;
    IncomingCounters counters = new IncomingCounters();
    try (MemoryRegion contents =
            MemoryRegion.map(kernel, 0, "contents", Backing.ANONYMOUS, pageBytes);
        MemoryRegion region =
            MemoryRegion.map(kernel, 0, "rehearsal", backing, 3L * ROUNDS * pageBytes);
        RegisteredMemory registered =
            RegisteredMemory.start(kernel, List.of(region), parameters, new Nobody(), counters)) {
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

  /** Nobody faults here. */
  private static final class Nobody implements FaultReader.PageRequests {
    @Override
    public void add(int region, long page) {
      throw new IllegalStateException("a fault in memory that nobody knows");
    }

    @Override
    public void flush() {}
  }
}
