package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.VmDescription;
import java.util.List;
import java.util.Locale;

/**
 * How a VM arrives.
 *
 * @param mode the source's word for it
 * @param precopy whether memory comes before the VM does
 * @param placement how its pages are placed
 */
record MigrationParameters(String mode, boolean precopy, Placement placement) {
  private static final String MODE_PREFIX = "MODE_";

  /** As the source announces it. */
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
    return new MigrationParameters(name, mode != Mode.MODE_POSTCOPY, placement);
  }

  /** Whether memory can be filled so. */
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
            "base pages of "
                + announcedBaseBytes
                + " bytes at the source, of "
                + region.basePageBytes()
                + " here");
      }
    }
  }

  /** Whether pages to discard come before the guest runs. */
  boolean discards() {
    return precopy && placement == Placement.COPY;
  }

  /** Whether a stale set comes when the guest runs. */
  boolean tellsStale() {
    return placement == Placement.CONTINUE;
  }
}
