package io.faultline.cli.dest;

import io.faultline.dest.HostMemoryAdmission;
import io.faultline.dest.IncomingVmException;
import io.faultline.dest.MemoryAdmission;
import io.faultline.memory.limits.MemoryDemand;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Refuses a VM that does not fit this machine, and names the option that accepts it. */
public record DestinationAdmission(MemoryAdmission host) implements MemoryAdmission {
  /**
   * The admission of a node.
   *
   * @param directory as for {@link HostMemoryAdmission}
   * @param overcommit whether a VM that does not fit is only a warning
   * @param messages receives the warning
   */
  public static MemoryAdmission of(Path directory, boolean overcommit, Consumer<String> messages) {
    return of(new HostMemoryAdmission(directory), overcommit, messages);
  }

  /** As {@link #of}, for a node that must answer fast: it is measured now. */
  public static MemoryAdmission measured(
      Path directory, boolean overcommit, Consumer<String> messages) {
    return of(new HostMemoryAdmission(directory).measured(), overcommit, messages);
  }

  private static MemoryAdmission of(
      HostMemoryAdmission host, boolean overcommit, Consumer<String> messages) {
    return overcommit ? host.withOvercommit(messages) : new DestinationAdmission(host);
  }

  @Override
  public Admitted admit(MemoryDemand vm) throws IncomingVmException {
    try {
      return host.admit(vm);
    } catch (IncomingVmException e) {
      throw new IncomingVmException(
          e.getMessage() + "; or start the destination with --overcommit", e);
    }
  }
}
