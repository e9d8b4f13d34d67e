package io.faultline.dest.takeover;

import io.faultline.memory.MemoryRegion;
import java.io.IOException;
import java.util.List;

/** Keeps the state of a migration where it survives this process. */
public interface StateKeeper {
  /**
   * Stores the identity of a migration, and creates the file for its state. Called once, on the
   * control loop, before the source is notified that memory is prepared.
   *
   * @param migration its id, 32 hexadecimal digits
   * @param regions of the VM; {@code withPages} says whether their written pages are kept
   * @return the state, at {@link TakeOverStage#RECEIVING}; closed by the keeper
   * @throws IOException if it cannot be stored; the migration then fails before it begins
   */
  SurvivingState begin(
      String migration, MigrationIdentity identity, List<MemoryRegion> regions, boolean withPages)
      throws IOException;

  /**
   * This process cannot go on, and another one could: what is kept stays when this node ends. On
   * the control loop; the VM waits in its own process.
   *
   * @return the command with which another process takes over, for the user
   */
  String leave();
}
