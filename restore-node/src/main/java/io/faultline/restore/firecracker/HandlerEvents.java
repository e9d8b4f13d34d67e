package io.faultline.restore.firecracker;

/** What the user of a handler should know. Called on the VMs' threads; must return soon. */
public interface HandlerEvents {
  /**
   * A VM has handed over its memory.
   *
   * @param takenOver whether an earlier handler had filled a part of it
   */
  void started(int pid, int regions, long bytes, boolean takenOver);

  /** Something that the user should know of a VM that runs on. */
  void noted(int pid, String what);

  /** A client is not served. If it had handed over a userfaultfd, it was killed. */
  void refused(String client, String why);

  /** All memory of a VM is there: it needs the handler no more. */
  void completed(VmReport vm);

  /** A VM has exited. */
  void exited(VmReport vm);

  /** A VM was killed, since its memory cannot be filled any more. */
  void killed(int pid, String why);

  /** A VM is left to another handler. */
  void left(int pid);
}
