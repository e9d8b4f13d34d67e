package io.faultline.restore.frozen;

import io.faultline.proto.wire.Frame;

/** What a {@link SourceLifecycle} does to the world. On the control loop. */
interface SourceEffects {
  /** Sends a frame to the destination, if it is connected. */
  void send(Frame frame);

  /** The processes are frozen: requests can be answered. */
  void serve(FrozenTree tree);

  /** Closes the connections to the destination, and lets it know why if the reason is not empty. */
  void disconnect(String reason);

  /** Tells the dump to kill the processes; reports with {@link SourceLifecycle#dumpEnded}. */
  void closeDump();

  /** Tells the dump to let the processes continue; reports likewise. */
  void resetDump();

  /** Kills the frozen processes, which the destination owns. */
  void kill(FrozenTree tree);

  /** A line that the user should see. */
  void log(String line);

  /** A line about what happens as it should. */
  void info(String line);

  /** All is done. */
  void ended(SourceOutcome outcome, String message);
}
