package io.faultline.snapshot;

import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.file.SnapshotVm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a snapshot needs of a VM that runs in this process. One thread calls all methods. */
public interface RunningVm {
  /** All of its memory. Must stay mapped until the snapshot ends. */
  List<MemoryRegion> regions();

  /**
   * Its memory, if not all of it is there yet, since the VM is being restored. Called once, before
   * {@link #beginProtection}; what is lent is closed by the snapshot.
   *
   * @return by default null: all of it is there
   * @throws io.faultline.snapshot.file.SnapshotException if it cannot be lent, with the reason
   */
  default @Nullable ArrivingMemory arriving() {
    return null;
  }

  /**
   * Makes every store of the VM one that the page table checks, in native state, until {@link
   * #endProtection}: pages may be write-protected at any instant from the return of this on.
   */
  void beginProtection();

  /** No page will be protected any more: a page that was stored to once stays writable. */
  void endProtection();

  /** Stops all vCPUs and devices. After this returns, guest memory does not change. */
  void pause();

  /** The state of vCPUs and devices, while it is paused. */
  byte[] deviceState();

  /**
   * The VM, with a state. Called once it runs again.
   *
   * @param deviceState what {@link #deviceState} returned
   */
  SnapshotVm describe(byte[] deviceState);

  /** Resumes the VM. */
  void resume();
}
