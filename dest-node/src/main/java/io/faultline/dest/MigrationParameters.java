package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.VmDescription;
import java.util.List;
import java.util.Locale;

/**
 * How a VM is migrated, as the source announces it.
 *
 * @param vm the type of the VM
 * @param mode the source's name of the mode
 * @param precopy whether memory is sent before the VM is handed over
 * @param placement how its pages are placed
 */
record MigrationParameters(String vm, String mode, boolean precopy, Placement placement) {
  private static final String MODE_PREFIX = "MODE_";

  /** Reads and checks the announcement. */
  static MigrationParameters of(VmDescription description) throws WireException {
    Mode mode = description.getMode();
    if (mode == Mode.MODE_UNSPECIFIED || mode == Mode.UNRECOGNIZED) {
      throw new WireException("the unknown mode " + description.getModeValue());
    }
    Placement placement =
        switch (description.getPlacement()) {
          case PLACEMENT_COPY -> Placement.COPY;
          case PLACEMENT_CONTINUE -> Placement.CONTINUE;
          default ->
              throw new WireException("the unknown placement " + description.getPlacementValue());
        };
    String name = mode.name().substring(MODE_PREFIX.length()).toLowerCase(Locale.ROOT);
    return new MigrationParameters(
        Hellos.printable(description.getType()), name, mode != Mode.MODE_POSTCOPY, placement);
  }

  /** Checks that the VM's memory can be filled this way. */
  void check(List<MemoryRegion> regions, long announcedBaseBytes) throws IncomingVmException {
    for (MemoryRegion region : regions) {
      if (!placement.supports(region.backing())) {
        throw new IncomingVmException(
            "placement continue needs a second mapping of the same pages, which "
                + region.backing()
                + " memory does not have; use shmem or huge pages, or placement copy");
      }
      if (region.basePageBytes() != announcedBaseBytes) {
        throw new IncomingVmException(
            "base pages have "
                + announcedBaseBytes
                + " bytes at the source and "
                + region.basePageBytes()
                + " here");
      }
    }
  }

  /** Whether a discard set arrives before the guest runs. */
  boolean discards() {
    return precopy && placement == Placement.COPY;
  }

  /** Whether a stale set arrives once the guest runs. */
  boolean hasStaleSet() {
    return placement == Placement.CONTINUE;
  }
}
