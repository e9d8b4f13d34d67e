package io.faultline.cli.chaos;

/** Kills the nodes of a migration with SIGKILL. */
public interface NodeKiller {
  /** Kills the process that is the source now. */
  void killSource();

  /** Kills the process that is the destination now. */
  void killDestination();
}
