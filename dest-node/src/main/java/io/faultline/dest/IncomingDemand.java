package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryDemand;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a destination needs for a VM: guest memory, and its own memory beside it. */
final class IncomingDemand {
  /** Read buffer of a connection, and of compressed runs. */
  private static final long CONNECTION_BYTES = (256L << 10) + PageStream.MAX_RUN_BYTES;

  private static final long PAGE_TABLE_ENTRY_BYTES = 8;
  private static final long BASE_PAGE_BYTES = 4096;

  private IncomingDemand() {}

  /**
   * @param channels bulk connections
   */
  static MemoryDemand of(
      IncomingVm vm,
      String type,
      ByteString configuration,
      List<AnnouncedRegion> regions,
      int channels) {
    Map<Backing, Long> guest = new HashMap<>();
    long overhead = HostMemoryAdmission.NODE_BYTES;
    long longestRun = PageStream.MAX_RUN_BYTES;
    for (AnnouncedRegion each : regions) {
      Backing backing = vm.backing(type, configuration, each);
      guest.merge(backing, each.sizeBytes(), Long::sum);
      int mappings = backing.isShared() ? 2 : 1;
      overhead += mappings * PAGE_TABLE_ENTRY_BYTES * (each.sizeBytes() / each.pageBytes());
      overhead += each.sizeBytes() / BASE_PAGE_BYTES / Byte.SIZE; // current pages
      longestRun = Math.max(longestRun, each.pageBytes());
    }
    overhead += (1L + channels) * (CONNECTION_BYTES + longestRun);
    return new MemoryDemand(guest, overhead);
  }
}
