package io.faultline.restore.criu;

/** What arrives from {@code criu restore}. All on the session's event loop. */
public interface RestoreListener {
  /**
   * CRIU has connected.
   *
   * @param criuPid the restoring CRIU, in the pid namespace of this process; 0 if it is not visible
   *     from here
   */
  void connected(int criuPid);

  /**
   * A task was created, and its memory is or will be registered.
   *
   * @param pid in the pid namespace of the dump: the one in the names of the images
   * @param descriptor its userfaultfd, which the receiver owns
   */
  void task(int pid, int descriptor);

  /** A zombie: it has no memory. */
  void zombie(int pid);

  /** All tasks are restored and registered; they will now run. */
  void restored();

  /**
   * The connection has ended. Nothing follows. The normal end if it comes after {@link #restored}.
   *
   * @param problem what was wrong with the stream, for the user; empty for nothing
   */
  void closed(String problem);
}
