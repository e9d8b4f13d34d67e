package io.faultline.restore.outcome;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** The processes that wait for a daemon that takes over. */
public final class HeldProcesses {
  private HeldProcesses() {}

  /**
   * Their ids in the images. Reads only: nothing is taken over yet.
   *
   * @param workDirectory of the earlier daemon
   * @throws IOException if it cannot be read
   */
  public static Set<Integer> in(Path workDirectory) throws IOException {
    StateDirectory state = StateDirectory.of(workDirectory);
    Set<Integer> processes = new TreeSet<>();
    if (state.exists()) {
      state.spaces().forEach(each -> processes.add(each.pid()));
    }
    return processes;
  }
}
