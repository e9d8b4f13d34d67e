package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.VmDescription;
import java.util.List;

/**
 * The memory of a VM that has been built and matches the announcement.
 *
 * @param parameters how the VM is migrated
 * @param regions its memory
 * @param basePageBytes the unit of page numbers
 * @param description what the source announced, as on the wire
 */
record PreparedMemory(
    MigrationParameters parameters,
    List<MemoryRegion> regions,
    long basePageBytes,
    ByteString description) {
  /** Refuses memory that this machine does not have. */
  interface Admission {
    void admit(String type, ByteString configuration, List<AnnouncedRegion> regions)
        throws IncomingVmException;
  }

  /** Lets {@code vm} build itself, if it is admitted, and checks the result. */
  static PreparedMemory of(IncomingVm vm, VmDescription description, Admission admission)
      throws WireException {
    List<AnnouncedRegion> announced = AnnouncementValidator.check(description);
    MigrationParameters parameters = MigrationParameters.of(description);
    String type = Hellos.printable(description.getType());
    try {
      admission.admit(type, description.getConfiguration(), announced);
      List<MemoryRegion> regions = vm.prepare(type, description.getConfiguration(), announced);
      requireAnnounced(announced, regions);
      parameters.check(regions, description.getBasePageBytes());
      return new PreparedMemory(
          parameters, regions, description.getBasePageBytes(), description.toByteString());
    } catch (IncomingVmException e) {
      throw new WireException("this destination cannot run the VM: " + e.getMessage(), e);
    }
  }

  /** Base pages of all regions. */
  long totalPages() {
    long pages = 0;
    for (MemoryRegion region : regions) {
      pages += region.basePageCount();
    }
    return pages;
  }

  /** Page frames identify regions by id, so the VM must have them exactly as announced. */
  private static void requireAnnounced(List<AnnouncedRegion> announced, List<MemoryRegion> built) {
    List<AnnouncedRegion> regions =
        built.stream()
            .map(r -> new AnnouncedRegion(r.id(), r.name(), r.sizeBytes(), r.pageBytes()))
            .toList();
    if (!regions.equals(announced)) {
      throw new IllegalStateException(
          "the VM has the regions " + regions + " instead of " + announced);
    }
  }
}
