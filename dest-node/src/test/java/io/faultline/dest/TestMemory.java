package io.faultline.dest;

import io.faultline.dest.takeover.WrittenPages;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.uffd.Kernel;
import java.util.List;

/** Registers memory without a source, for tests of what fills it. */
final class TestMemory {
  private TestMemory() {}

  /** Precopy is under way. No page may be requested. */
  static RegisteredMemory inPrecopy(
      Kernel kernel, Placement placement, IncomingCounters counters, MemoryRegion... regions) {
    return inPrecopy(kernel, placement, counters, new NoRequests(), regions);
  }

  /** Precopy is under way. */
  static RegisteredMemory inPrecopy(
      Kernel kernel,
      Placement placement,
      IncomingCounters counters,
      FaultReader.PageRequests requests,
      MemoryRegion... regions) {
    MemoryWaits none =
        (waiter, region, offset) -> {
          throw new AssertionError("no memory for offset " + offset + " of " + region.name());
        };
    return inPrecopy(kernel, placement, counters, requests, none, none, regions);
  }

  /** Precopy is under way. */
  static RegisteredMemory inPrecopy(
      Kernel kernel,
      Placement placement,
      IncomingCounters counters,
      FaultReader.PageRequests requests,
      MemoryWaits urgentWaits,
      MemoryWaits bulkWaits,
      MemoryRegion... regions) {
    MigrationParameters parameters = parameters(placement);
    return RegisteredMemory.start(
        kernel,
        MemoryRegistration.open(kernel, List.of(regions), placement),
        parameters,
        new PlacementContext(requests, urgentWaits, bulkWaits, counters, null, null),
        WrittenPages.NONE);
  }

  private static MigrationParameters parameters(Placement placement) {
    return new MigrationParameters("test", "hybrid", true, placement);
  }

  /** The guest runs here, with placement continue; a page that is complete is taken note of. */
  static RegisteredMemory running(
      Kernel kernel, IncomingCounters counters, WrittenPages written, MemoryRegion... regions) {
    MemoryWaits none =
        (waiter, region, offset) -> {
          throw new AssertionError("no memory for offset " + offset + " of " + region.name());
        };
    RegisteredMemory registered =
        RegisteredMemory.start(
            kernel,
            MemoryRegistration.open(kernel, List.of(regions), Placement.CONTINUE),
            parameters(Placement.CONTINUE),
            new PlacementContext(new NoRequests(), none, none, counters, null, null),
            written);
    registered.guestStarts();
    return registered;
  }

  /** The guest runs here, with placement copy, and a snapshot can be taken meanwhile. */
  static RegisteredMemory lendable(
      Kernel kernel,
      IncomingCounters counters,
      FaultReader.PageRequests requests,
      MemoryRegion... regions) {
    MemoryWaits none =
        (waiter, region, offset) -> {
          throw new AssertionError("no memory for offset " + offset + " of " + region.name());
        };
    List<MemoryRegion> all = List.of(regions);
    RegisteredMemory registered =
        RegisteredMemory.start(
            kernel,
            MemoryRegistration.open(kernel, all, Placement.COPY, MemoryLoan.features(kernel, all)),
            parameters(Placement.COPY),
            new PlacementContext(requests, none, none, counters, null, null),
            WrittenPages.NONE);
    registered.guestStarts();
    return registered;
  }

  /** The guest runs here. No page may be requested. */
  static RegisteredMemory running(
      Kernel kernel, Placement placement, IncomingCounters counters, MemoryRegion... regions) {
    RegisteredMemory registered = inPrecopy(kernel, placement, counters, regions);
    registered.guestStarts();
    return registered;
  }
}
