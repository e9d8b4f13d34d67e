package io.faultline.cli.status;

import io.faultline.dest.takeover.SurvivingState;
import io.faultline.dest.takeover.TakeOverStage;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A guest that a destination has left in its QEMU, for another process to take over.
 *
 * @param migration the id, 32 digits
 * @param stage how far the migration had come
 * @param command with which another process takes over
 * @param file what the user may remove when it is no longer needed
 */
record LeftGuest(String migration, TakeOverStage stage, String command, Path file) {
  /**
   * Reads what is in the files, which exist.
   *
   * @throws IOException if they are damaged
   */
  static LeftGuest of(TakeOverFiles files) throws IOException {
    return new LeftGuest(
        files.migration(), SurvivingState.stageIn(files.state()), files.command(), files.record());
  }

  /** The same stage as a step of a node. */
  OwnershipStep step() {
    return switch (stage) {
      case RECEIVING -> OwnershipStep.RECEIVING;
      case READY -> OwnershipStep.READY;
      case RUNNING, STARTED, COMPLETE -> OwnershipStep.RUNNING;
    };
  }
}
