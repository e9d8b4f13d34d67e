package io.faultline.dest;

import io.faultline.memory.limits.MemoryDemand;
import io.faultline.memory.limits.MemoryReservations;
import io.faultline.memory.limits.MemoryReservations.Answer;
import io.faultline.memory.limits.SystemFiles;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Admits a VM that fits the limits of this machine and of this process, less what other
 * destinations on it were promised.
 */
public final class HostMemoryAdmission implements MemoryAdmission {
  /** What a node takes beside guest memory, while it migrates, in bytes. */
  public static final long NODE_BYTES = 32L << 20;

  private final MemoryReservations reservations;

  /**
   * Admits by the limits of this machine.
   *
   * @param directory shared by all destinations of this machine; exists and can be written
   */
  public HostMemoryAdmission(Path directory) {
    reservations = new MemoryReservations(directory, SystemFiles.ofThisMachine());
  }

  @Override
  public Admitted admit(MemoryDemand demand) throws IncomingVmException {
    try {
      return switch (reservations.admit(demand)) {
        case Answer.Admitted admitted -> admitted.reservation()::close;
        case Answer.Refused refused ->
            throw new IncomingVmException("it does not fit: " + refused.why());
      };
    } catch (IOException e) {
      throw new IncomingVmException("its memory cannot be reserved: " + e.getMessage(), e);
    }
  }
}
