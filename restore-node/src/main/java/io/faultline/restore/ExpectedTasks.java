package io.faultline.restore;

import io.faultline.restore.space.DumpLayout;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which tasks of the dump CRIU has sent, and which it has not. Confined to the session's event
 * loop.
 */
final class ExpectedTasks {
  private final DumpedTasks dump;
  private final Set<Integer> expected = new HashSet<>();
  private final Map<Integer, DumpLayout> resumed = new HashMap<>();
  private int living;
  private int zombies;

  ExpectedTasks(DumpedTasks dump) {
    this.dump = dump;
  }

  /** Opens the dump: CRIU will send all of its tasks. */
  void expectAll() throws IOException {
    dump.open();
    expected.addAll(dump.processes());
  }

  /**
   * The lazy pages of a living task that CRIU has sent.
   *
   * @throws IOException if it was not to send it, or its images are damaged; the message is for the
   *     user
   */
  DumpLayout living(int pid) throws IOException {
    if (!dump.processes().contains(pid)) {
      throw new IOException(
          "the images do not have it: are these the images that CRIU restores (-D)?");
    }
    if (!expected.remove(pid)) {
      throw new IOException("CRIU sent it twice");
    }
    living++;
    return dump.layout(pid);
  }

  /**
   * CRIU has sent a zombie.
   *
   * @return whether it was to
   */
  boolean zombie(int pid) {
    zombies++;
    return expected.remove(pid);
  }

  /** Opens the dump for tasks that an earlier daemon has filled in part. */
  void resume() throws IOException {
    dump.open();
  }

  /** The lazy pages of such a task; it may have several spaces, since it has forked. */
  DumpLayout resumed(int pid) throws IOException {
    DumpLayout layout = resumed.get(pid);
    if (layout == null) {
      layout = dump.layout(pid);
      resumed.put(pid, layout);
      living++;
    }
    return layout;
  }

  /** The tasks that CRIU has not sent. */
  Set<Integer> missing() {
    return expected;
  }

  /** How many living tasks there are so far. */
  int livingCount() {
    return living;
  }

  int zombieCount() {
    return zombies;
  }
}
