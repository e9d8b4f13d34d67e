package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;

/**
 * What happens to the restored processes if the session fails. Until all of its pages have arrived,
 * a process must not outlive its userfaultfd: it would read zeros.
 *
 * <p>Confined to the session's event loop.
 */
public interface Outcome {
  /**
   * A task is being restored.
   *
   * @param criuPid the restoring CRIU, an ancestor of the task until it is restored; 0: not visible
   * @param pid of the task in its own pid namespace
   */
  void received(int criuPid, int pid, Space space);

  /** A process forked while pages were missing. */
  void forked(Space parent, Space child);

  /** The space has all its pages, or its process has ended. Its userfaultfd will be closed. */
  void completed(Space space);

  /**
   * The session has failed.
   *
   * @param reason one line for the user
   * @return whether the userfaultfds may be closed, since no process needs them any more
   */
  boolean failed(String reason);
}
