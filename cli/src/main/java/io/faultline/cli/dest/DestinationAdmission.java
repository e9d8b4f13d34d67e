package io.faultline.cli.dest;

import io.faultline.dest.HostMemoryAdmission;
import io.faultline.dest.IncomingVmException;
import io.faultline.dest.MemoryAdmission;
import io.faultline.memory.limits.MemoryDemand;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Refuses a VM that does not fit this machine, or with {@code --overcommit} only warns. */
record DestinationAdmission(MemoryAdmission host, boolean overcommit, Consumer<String> messages)
    implements MemoryAdmission {

  /**
   * @param directory as for {@link HostMemoryAdmission}
   * @param messages receives the warning
   */
  static DestinationAdmission of(Path directory, boolean overcommit, Consumer<String> messages) {
    return new DestinationAdmission(new HostMemoryAdmission(directory), overcommit, messages);
  }

  @Override
  public Admitted admit(MemoryDemand demand) throws IncomingVmException {
    try {
      return host.admit(demand);
    } catch (IncomingVmException e) {
      if (!overcommit) {
        throw new IncomingVmException(
            e.getMessage() + "; or start the destination with --overcommit", e);
      }
      messages.accept("the VM is admitted by --overcommit, although " + e.getMessage());
      return MemoryAdmission.ALL.admit(demand);
    }
  }
}
