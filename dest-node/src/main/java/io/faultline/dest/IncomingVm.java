package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an incoming migration needs from a VM. All methods are called by one thread at a time. None
 * may wait for the migration; only vCPUs, once started, wait in page faults, and {@link
 * #loadDeviceState} where {@link #loadTouchesMemory} says so.
 */
public interface IncomingVm {
  /**
   * What a region of the VM will be made of here: decides which limits of this machine apply to it.
   * Called before {@link #prepare}, and must build nothing.
   *
   * @param type the source's {@code OutgoingVm.type()}, which may be one that cannot run here
   * @param configuration the source's {@code OutgoingVm.configuration()}, not yet checked
   * @return by default huge pages of the announced size, or anonymous memory
   */
  default Backing backing(String type, ByteString configuration, AnnouncedRegion region) {
    if (region.pageBytes() == 1L << PageSize.HUGE_1G.shift()) {
      return Backing.HUGETLB_1G;
    }
    return region.pageBytes() == 1L << PageSize.HUGE_2M.shift()
        ? Backing.HUGETLB_2M
        : Backing.ANONYMOUS;
  }

  /**
   * Builds the VM with the same configuration as at the source, and maps its memory without
   * touching it.
   *
   * @param type the source's {@code OutgoingVm.type()}
   * @param configuration the source's {@code OutgoingVm.configuration()}
   * @param announced the regions that the source announced, already checked against limits
   * @return the regions, with the ids, sizes and page sizes that were announced
   * @throws IncomingVmException if this VM cannot run here, with the reason; the VM then continues
   *     at the source
   */
  List<MemoryRegion> prepare(String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException;

  /**
   * The kernel of the process whose guest mappings {@link #prepare} returned: opens its userfaultfd
   * and its page table. Called after it.
   *
   * @param machine the kernel of this process
   * @return by default the same
   */
  default Kernel kernelOfGuest(Kernel machine) {
    return machine;
  }

  /**
   * Loads the state of vCPUs and devices. Must not touch guest memory, except as {@link
   * #loadTouchesMemory} says.
   *
   * @param state what the source's {@code OutgoingVm.deviceState()} returned, without the parts
   *     that {@link #loadPart} got
   * @param clockOffsetNanos the difference to add to the source's {@link System#nanoTime} to get
   *     this machine's, as measured over the connection
   * @throws IncomingVmException if the state cannot be loaded, with the reason
   */
  void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException;

  /** Whether {@link #loadPart} takes parts of the state, so that loading begins early. */
  default boolean loadsInParts() {
    return false;
  }

  /**
   * Takes the next part of the state, of which the first may be empty: the VM gets ready; {@link
   * #loadDeviceState} gets the rest. Touches guest memory as that does, but must not wait: another
   * thread may do so. Called only if {@link #loadsInParts}, and maybe never.
   *
   * @throws IncomingVmException if the state cannot be loaded, with the reason
   */
  default void loadPart(ByteString part) throws IncomingVmException {
    throw new IllegalStateException("a part of the state for a VM that takes it as a whole");
  }

  /**
   * Whether {@link #loadDeviceState} reads or writes guest memory, as devices with rings in it do.
   * Then it is called by a thread of its own, which may wait in page faults, and not before the
   * pages that the source will send again were discarded.
   */
  default boolean loadTouchesMemory() {
    return false;
  }

  /**
   * As {@link #loadDeviceState}, but does not wait: for a VM whose state is loaded by another
   * process, and where the control loop may see that itself. To hand that over to a thread, and
   * back, takes longer than some loads do. Called only if {@link #loadTouchesMemory}, and before
   * {@link #loadDeviceState}.
   *
   * @return null by default, and if that is not possible now: {@link #loadDeviceState} is called
   *     instead
   * @throws IncomingVmException if the state cannot be loaded, with the reason
   */
  default @Nullable Loading beginLoading(ByteString state, long clockOffsetNanos)
      throws IncomingVmException {
    return null;
  }

  /** A state that is being loaded. Used by the control loop. */
  interface Loading {
    /** The descriptor that becomes readable when the end may have come; stays the VM's. */
    int descriptor();

    /**
     * Whether the state is loaded. Does not wait; called again until then.
     *
     * @throws IncomingVmException if the state cannot be loaded, with the reason
     */
    boolean isDone() throws IncomingVmException;
  }

  /**
   * Starts the vCPUs.
   *
   * @param onFirstInstruction called once, by the first vCPU to run, with the {@link
   *     System#nanoTime} just before its first instruction
   */
  void start(FirstInstruction onFirstInstruction);

  /**
   * Stops the vCPUs permanently, because their memory will never be complete. After this returns,
   * no vCPU executes another instruction, not even one that wakes from a page fault.
   */
  void abandon();

  /**
   * The source is lost permanently, and with it the pages that have not arrived. After this
   * returns, no vCPU may use the result of an access to a lost page: the access must end with a
   * memory error.
   *
   * @param lost base pages, indexed by region id
   * @return false if the pages must be poisoned (UFFDIO_POISON) immediately: an access raises
   *     SIGBUS in its thread. True if the VM handles accesses itself: those that wait now get
   *     zeros, and the pages are poisoned once {@link #isClearOfLost} returns true
   */
  default boolean lose(List<PageBitmap> lost) {
    return false;
  }

  /**
   * Called repeatedly after {@link #lose} returned true, until this returns true: whether no vCPU
   * is in an access to a lost page, and none will begin one. Must not wait.
   */
  default boolean isClearOfLost() {
    return false;
  }

  /**
   * Whether the VM has ended by itself, or was ended by others. Called regularly; must not wait.
   *
   * @return why, for the user; by default null: it has not
   */
  default @Nullable String ended() {
    return null;
  }

  /** See {@link #start}. */
  interface FirstInstruction {
    void ran(long nanoTime);
  }
}
