package io.faultline.cli.criu;

import java.io.IOException;

/** What a command does that takes CRIU's place, once its common options are read. */
public interface CriuCommand {
  /**
   * Does it.
   *
   * @param readiness to be announced when it listens
   * @return the exit code
   * @throws IOException if it could not start; the message is for the user, and is logged
   */
  int run(Directories directories, Readiness readiness, CriuLog log)
      throws IOException, InterruptedException;
}
