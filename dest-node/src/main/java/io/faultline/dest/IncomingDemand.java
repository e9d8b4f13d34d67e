package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryDemand;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a destination needs for the VM that a source describes. */
final class IncomingDemand {
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
    for (AnnouncedRegion each : regions) {
      guest.merge(vm.backing(type, configuration, each), each.sizeBytes(), Long::sum);
    }
    return DestinationDemand.of(guest, channels);
  }
}
