package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import java.util.List;

/** What the incoming migration does to the world. Called by the control loop only. */
interface IncomingLink {
  /** Sends on the control connection. */
  void send(Frame frame);

  /** Registers memory with userfaultfd and begins to read faults. */
  void register(List<MemoryRegion> regions, MigrationParameters parameters) throws WireException;

  /** All rounds are through, and the VM is on its way: no page comes before it runs. */
  void precopyEnded();

  /** The guest is about to run: from here on nothing that it may have changed is written. */
  void guestStarts();

  /**
   * Lets go of userfaultfd.
   *
   * @param complete whether every page is there; else the VM has been stopped for good, and zeros
   *     are in the place of those that are not
   */
  void unregister(boolean complete);

  /**
   * Nobody comes back: what is missing is lost, and the VM goes on without it.
   *
   * @return base pages
   * @throws PlacementException where the kernel cannot do that
   */
  long giveUpMissingPages();

  /** Calls back on the control loop; any thread may call it. */
  void later(Task task);

  /** Closes all connections at once; nothing that comes on them counts any more. */
  void disconnect(String why);

  /** Tells the source what is here; {@link IncomingMigration#reported} follows. */
  void report();

  /** Faults are asked for again: all that wait are woken, so that they fault once more. */
  void resume();

  /** What can be called back. */
  interface Task {
    void run() throws WireException;
  }

  /** The migration has ended: close the connections once what was sent is out. */
  void ended();
}
