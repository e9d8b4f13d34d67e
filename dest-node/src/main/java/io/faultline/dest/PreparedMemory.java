package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.VmDescription;
import java.util.List;

/**
 * The memory of a VM that was announced, built and held to the announcement.
 *
 * @param parameters how it comes
 * @param regions its memory
 * @param basePageBytes the unit of page numbers
 */
record PreparedMemory(
    MigrationParameters parameters, List<MemoryRegion> regions, long basePageBytes) {
  /** Has a VM built. */
  static PreparedMemory of(IncomingVm vm, VmDescription description) throws WireException {
    List<AnnouncedRegion> announced = AnnouncementValidator.check(description);
    MigrationParameters coming = MigrationParameters.of(description);
    try {
      List<MemoryRegion> regions =
          vm.prepare(
              Hellos.printable(description.getType()), description.getConfiguration(), announced);
      requireAnnounced(announced, regions);
      coming.check(regions, description.getBasePageBytes());
      return new PreparedMemory(coming, regions, description.getBasePageBytes());
    } catch (IncomingVmException e) {
      throw new WireException("this destination cannot run the VM: " + e.getMessage(), e);
    }
  }

  /** Base pages of all regions. */
  long totalPages() {
    return regions.stream().mapToLong(MemoryRegion::basePageCount).sum();
  }

  /** Page frames name regions by number: the VM must have them as they were announced. */
  private static void requireAnnounced(List<AnnouncedRegion> announced, List<MemoryRegion> built) {
    List<AnnouncedRegion> regions =
        built.stream()
            .map(r -> new AnnouncedRegion(r.id(), r.name(), r.sizeBytes(), r.pageBytes()))
            .toList();
    if (!regions.equals(announced)) {
      throw new IllegalStateException("the VM has " + regions + ", announced were " + announced);
    }
  }
}
