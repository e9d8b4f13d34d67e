package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the state machine does to its environment. Called on the control loop only. */
interface IncomingLink {
  /** Sends on the control connection. */
  void send(Frame frame);

  /**
   * Reserves the memory that the VM and this node need.
   *
   * @throws IncomingVmException if this machine does not have it
   */
  void admit(String type, ByteString configuration, List<AnnouncedRegion> regions)
      throws IncomingVmException;

  /** Registers memory with userfaultfd and starts to read faults. */
  void register(PreparedMemory memory) throws WireException;

  /** Records how far the migration has come, before the step that this permits. */
  void enter(TakeOverStage stage);

  /** Precopy has ended and the VM is being handed over: no page arrives before one is requested. */
  void precopyEnded();

  /**
   * The guest, or its devices, may change pages from now on: such a page is not written any more.
   * Called again when the guest starts after its devices.
   */
  void guestStarts();

  /**
   * Unregisters memory and closes userfaultfd.
   *
   * @param complete whether every page has arrived; otherwise the VM has been stopped permanently,
   *     and missing pages read as zeros
   */
  void unregister(boolean complete);

  /** Whether a snapshot uses the userfaultfd, so that it must stay open. */
  boolean isMemoryLent();

  /**
   * Leaves the VM to another process, if one can take the migration over: closes userfaultfd in
   * this process only, so that vCPUs wait for their missing pages.
   *
   * @return how to take over, for the user; null if no process can, and nothing was done
   */
  @Nullable String leave();

  /**
   * The source will not return: marks the missing pages as lost, and lets the VM continue without
   * them.
   *
   * @return the number of lost base pages
   * @throws PlacementException if the kernel cannot poison pages
   */
  long giveUpMissingPages();

  /** Runs a task that may wait for pages, on a thread of its own. */
  void aside(Runnable task);

  /**
   * Runs a task on the control loop whenever a descriptor may be readable, until {@link
   * #endPolling}. One descriptor at a time.
   */
  void poll(int descriptor, Task task);

  /** Ends {@link #poll}. */
  void endPolling();

  /** Any thread: runs a task on the control loop. */
  void later(Task task);

  /** Closes all connections immediately; nothing that still arrives on them is processed. */
  void disconnect(String why);

  /** Reports the received pages to the source; {@link IncomingMigration#reported} follows. */
  void report();

  /** Requests pages again: wakes every waiting vCPU, so that it faults again. */
  void resume();

  /** For {@link #later}. */
  interface Task {
    void run() throws WireException;
  }

  /** The migration has ended: close the connections once everything queued has been sent. */
  void ended();
}
