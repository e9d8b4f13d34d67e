package io.faultline.dest;

import io.faultline.memory.limits.MemoryDemand;
import io.faultline.memory.limits.MemoryReservations;
import io.faultline.memory.limits.MemoryReservations.Answer;
import io.faultline.memory.limits.MemoryReservations.Reservation;
import io.faultline.uffd.host.SystemFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Admits a VM if it and this node fit the limits of this machine and of this process, less what
 * other destinations were promised.
 *
 * <p>Takes a second at most while another process holds the lock of the promises. The control loop
 * can wait that long: before memory is prepared the source sends nothing that it must answer, and
 * allows two minutes for this step.
 */
public final class HostMemoryAdmission implements MemoryAdmission {
  private final MemoryReservations reservations;
  private final SystemFiles files;
  private final @Nullable Consumer<String> warnings;

  /**
   * Admits by the limits of this machine.
   *
   * @param directory shared by all destinations of this machine; exists and can be written
   */
  public HostMemoryAdmission(Path directory) {
    this(directory, SystemFiles.ofThisMachine());
  }

  /** Admits by the limits of a machine with other files of the kernel. */
  public HostMemoryAdmission(Path directory, SystemFiles files) {
    this(new MemoryReservations(directory, files), files, null);
  }

  private HostMemoryAdmission(
      MemoryReservations reservations, SystemFiles files, @Nullable Consumer<String> warnings) {
    this.reservations = reservations;
    this.files = files;
    this.warnings = warnings;
  }

  /**
   * The same, but admits a VM that does not fit, too. It is promised all the same, so that later
   * ones find less.
   *
   * @param to receives a line about each such VM
   */
  public HostMemoryAdmission withOvercommit(Consumer<String> to) {
    return new HostMemoryAdmission(reservations, files, to);
  }

  /** The same, with the memory that this process has already measured now, and not on admission. */
  public HostMemoryAdmission measured() {
    return new HostMemoryAdmission(reservations.measured(), files, warnings);
  }

  /** What a VM and a node in this process that receives it will take. */
  public static MemoryDemand withNode(MemoryDemand vm, SystemFiles files) {
    return vm.withOverhead(NodeMemory.remainingBytes(files));
  }

  @Override
  public Admitted admit(MemoryDemand vm) throws IncomingVmException {
    try {
      return switch (reservations.admit(withNode(vm, files), warnings != null)) {
        case Answer.Admitted admitted -> {
          admitted.excess().ifPresent(this::warn);
          yield new Reserved(admitted.reservation());
        }
        case Answer.Refused refused ->
            throw new IncomingVmException("it does not fit: " + refused.why());
      };
    } catch (IOException e) {
      throw new IncomingVmException("its memory cannot be reserved: " + e.getMessage(), e);
    }
  }

  private void warn(String why) {
    if (warnings != null) {
      warnings.accept("the VM is admitted by --overcommit, although it does not fit: " + why);
    }
  }

  private record Reserved(Reservation reservation) implements Admitted {
    @Override
    public void mapped() {
      reservation.mapped();
    }

    @Override
    public void close() {
      reservation.close();
    }
  }
}
