package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import java.util.List;

/**
 * What an outgoing migration needs of a VM. All methods are called by one thread of the migration
 * at a time; none may wait for the migration.
 */
public interface OutgoingVm {
  /** What the VM is, so that the destination can refuse what it cannot run: {@code simulated}. */
  String type();

  /**
   * What the destination must know to build the same VM before it gets its device state (number of
   * vCPUs, devices); opaque to the migration.
   */
  ByteString configuration();

  /** Its memory, all of it, in the order of region ids. Stays mapped until the migration ends. */
  List<MemoryRegion> regions();

  /**
   * What tells which memory is written while the VM runs. Asked for once, in migrations with
   * precopy rounds only; the migration starts and closes it.
   */
  DirtyLog dirtyLog();

  /** Stops all vCPUs and devices. When this returns, nothing changes guest memory any more. */
  void pause();

  /** Lets the VM go on after {@link #pause}, as if nothing had been. */
  void resume();

  /**
   * What its vCPUs need before they can do anything, such as their page tables: it goes right
   * behind RUN, before it is asked for. A few pages at most, none by default. Asked for once, when
   * the migration is made.
   */
  default List<PageRange> neededFirst() {
    return List.of();
  }

  /** The state of vCPUs and devices. Called only while paused. */
  ByteString deviceState();
}
