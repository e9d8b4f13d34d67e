package io.faultline.uffd.linux.process;

/**
 * A process as {@code /proc} showed it.
 *
 * @param pid its id in the pid namespace of this process
 * @param namespacePid its id in its own, innermost pid namespace
 * @param parentPid the id of its parent; 0 if that is in another pid namespace
 * @param state of proc_pid_stat(5): R running, S sleeping, T stopped, t traced, Z zombie, ...
 * @param name its command name, at most 15 bytes
 * @param startTicks when it started, in clock ticks since the machine started: together with the id
 *     it identifies the process
 */
public record ProcessEntry(
    int pid, int namespacePid, int parentPid, char state, String name, long startTicks) {

  /** Whether it has exited, and its parent has not reaped it. */
  public boolean isZombie() {
    return state == 'Z';
  }
}
