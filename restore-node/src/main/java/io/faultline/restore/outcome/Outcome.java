package io.faultline.restore.outcome;

import io.faultline.restore.origin.SourceReceiver;
import io.faultline.restore.space.Space;
import io.faultline.uffd.linux.MessageMemory;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the restored processes if the session fails. Until all of its pages have arrived,
 * a process must not outlive its userfaultfd: it would read zeros.
 *
 * <p>Confined to the session's event loop.
 */
public interface Outcome extends SourceReceiver {
  /** What to do with the origin once {@link #failed} is done. */
  enum Source {
    /** It runs on: {@link io.faultline.restore.origin.PageOrigin#abort}. */
    RUNS_ON,

    /** It ends: {@link io.faultline.restore.origin.PageOrigin#finish}. */
    ENDS,

    /** It is told nothing, and waits. */
    WAITS
  }

  /**
   * Memory for the messages of a userfaultfd that has arrived; null if they need not outlive this
   * process.
   *
   * @throws IOException as {@link #received}
   */
  default @Nullable MessageMemory memory(int descriptor) throws IOException {
    return null;
  }

  /** Spaces that an earlier daemon has filled in part. */
  default List<HeldSpace> held() {
    return List.of();
  }

  /** A held space is being filled again. */
  default void resumed(HeldSpace held, Space space) {}

  /**
   * A task is being restored.
   *
   * @param criuPid the restoring CRIU, which may have exited; 0: not visible
   * @param pid of the task in its own pid namespace
   * @throws IOException if what was promised for a failure could not be kept; the message is for
   *     the user
   */
  void received(int criuPid, int pid, Space space) throws IOException;

  /** All tasks are restored, and run from now on. */
  void restored();

  /** A process forked while pages were missing. */
  void forked(Space parent, Space child);

  /** The space has all its pages, or its process has ended. Its userfaultfd will be closed. */
  void completed(Space space);

  /** Whether {@link #owned} was called: the session does not fail any more. */
  boolean isOwned();

  /**
   * The session has failed. Called again, after a few milliseconds, until it returns true.
   *
   * @param isResumable whether another program could continue: {@link
   *     io.faultline.restore.origin.PageOrigin#isResumable}
   * @return whether the userfaultfds may be closed, since no process needs them any more
   */
  boolean failed(boolean isResumable);

  /** What the origin is told after the failure. */
  Source source();

  /** The session is over: the source was told, or {@link #failed} has returned true. */
  void ended();
}
