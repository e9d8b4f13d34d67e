package io.faultline.cli.mixin;

import io.faultline.cli.options.UsageException;
import io.faultline.dest.DestinationDemand;
import io.faultline.dest.NodeMemory;
import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryDemand;
import io.faultline.memory.limits.MemoryLimit;
import io.faultline.memory.limits.MemoryLimits;
import io.faultline.uffd.host.SystemFiles;
import java.util.List;
import java.util.Map;

/** Checks before anything starts that VMs and their nodes fit the memory limits. */
final class MemoryCheck {
  /** Of a node, if --channels is not given. More take a few MiB each. */
  private static final int CHANNELS = 1;

  private MemoryCheck() {}

  /**
   * @param copies how many VMs of this size this machine must hold at the same time: one in this
   *     process, or several in processes of their own
   * @throws UsageException if they do not fit; the message has the remedy
   */
  static void require(long ramBytes, Backing backing, int copies) {
    SystemFiles files = SystemFiles.ofThisMachine();
    for (MemoryLimit each : new MemoryLimits(files).of(List.of(backing))) {
      // Each node inherits the limits of this process.
      int together = each.scope() == MemoryLimit.Scope.PROCESS ? 1 : copies;
      each.refusal(demand(ramBytes, backing, together, files))
          .ifPresent(why -> refuse(why, each, backing, together, files));
    }
  }

  private static void refuse(
      String why, MemoryLimit limit, Backing backing, int copies, SystemFiles files) {
    long most =
        DestinationDemand.largestBytes(
            List.of(limit), bytes -> demand(bytes, backing, copies, files));
    throw new UsageException(
        "--ram: it does not fit: "
            + (copies > 1 ? "for " + copies + " VMs, " : "")
            + why
            + (most > 0 ? "; at most --ram " + (most >> 20) + "m fits" : ""));
  }

  private static MemoryDemand demand(
      long ramBytes, Backing backing, int copies, SystemFiles files) {
    long nodes = copies == 1 ? NodeMemory.remainingBytes(files) : copies * NodeMemory.wholeBytes();
    return DestinationDemand.of(Map.of(backing, copies * ramBytes), copies * CHANNELS)
        .withOverhead(nodes);
  }
}
