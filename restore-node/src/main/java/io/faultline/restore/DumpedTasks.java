package io.faultline.restore;

import io.faultline.restore.space.DumpLayout;
import java.io.IOException;
import java.util.Set;

/** What a session must know of a dump. Confined to the session's event loop. */
public interface DumpedTasks {
  /**
   * CRIU has connected. Called once, before the other methods.
   *
   * @throws IOException if there is no complete dump; the message is for the user
   */
  void open() throws IOException;

  /** The ids of all processes of the dump, zombies too. */
  Set<Integer> processes();

  /**
   * The lazy pages of a process.
   *
   * @param pid one of {@link #processes}
   * @throws IOException if its images are missing or damaged; the message is for the user
   */
  DumpLayout layout(int pid) throws IOException;
}
