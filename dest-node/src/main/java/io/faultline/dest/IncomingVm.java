package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;

/**
 * What an incoming migration needs of a VM. All methods are called by one thread of the migration
 * at a time; none may wait for the migration, except that vCPUs, once started, wait in page faults.
 */
public interface IncomingVm {
  /**
   * Builds the VM as the source has it, and maps its memory, without touching it.
   *
   * @param type the source's {@code OutgoingVm.type()}
   * @param configuration the source's {@code OutgoingVm.configuration()}
   * @param announced the regions that the source announced, already checked for plausibility
   * @return the regions, with the ids, sizes and page sizes that were announced
   * @throws IncomingVmException where this VM cannot be run here, with the reason; the VM then goes
   *     on at the source
   */
  List<MemoryRegion> prepare(String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException;

  /**
   * Loads the state of vCPUs and devices. Must not touch guest memory.
   *
   * @param state what the source's {@code OutgoingVm.deviceState()} returned
   * @param clockOffsetNanos what to add to the source's {@link System#nanoTime} to get this
   *     machine's, as measured over the connection
   * @throws IncomingVmException where the state cannot be loaded, with the reason
   */
  void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException;

  /**
   * Starts the vCPUs.
   *
   * @param onFirstInstruction called once, by the first vCPU to run, with the {@link
   *     System#nanoTime} just before its first instruction
   */
  void start(FirstInstruction onFirstInstruction);

  /**
   * Stops the vCPUs for good, because their memory will never be complete. When this returns, no
   * vCPU runs an instruction any more; those that sleep in a page fault will not once they wake.
   */
  void abandon();

  /**
   * The source is gone for good, and pages with it. From the return of this on no vCPU may use what
   * an access to one of them brings: it ends with a memory error.
   *
   * @param lost base pages, by the number of their region
   * @return false where the pages shall be poisoned (UFFDIO_POISON) at once: an access is a SIGBUS
   *     for its thread. True where the VM sees to it by itself: accesses that wait now get zeros,
   *     and the pages are poisoned once {@link #isClearOfLost} says so
   */
  default boolean lose(List<PageBitmap> lost) {
    return false;
  }

  /**
   * After {@link #lose} returned true, asked until it is: whether no vCPU is in an access to a lost
   * page any more, nor will be in one. It must not wait.
   */
  default boolean isClearOfLost() {
    return false;
  }

  /** See {@link #start}. */
  interface FirstInstruction {
    void ran(long nanoTime);
  }
}
