package io.faultline.uffd.simulated;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * One process of a simulated machine. Behaves like Linux 6.18, on any operating system; for its
 * limits with plain stores see the package comment.
 *
 * <p>Thread-safe. Threads that wait in {@link #guestLoad} or {@link #guestStore} are parked.
 */
public final class SimulatedKernel implements Kernel {
  /** poll(2): readable. */
  public static final int POLLIN = 1;

  /** poll(2): an error, here of a blocking userfaultfd. */
  public static final int POLLERR = 8;

  private final SimulatedMachine machine;
  private final AddressSpace space;
  private final GuestMemory memory;
  private final Mappings mappings;
  private final MadviseCall madvise;

  /** A process on its own machine, with all features of Linux 6.18. */
  public SimulatedKernel() {
    this(SimulatedOptions.DEFAULT);
  }

  /** A process on its own machine. */
  public SimulatedKernel(SimulatedOptions options) {
    this(options, Scheduling.FREE);
  }

  /** A process whose threads run as {@code scheduling} decides, step by step. */
  public SimulatedKernel(SimulatedOptions options, Scheduling scheduling) {
    this(new SimulatedMachine(options, scheduling), new AddressSpace());
  }

  private SimulatedKernel(SimulatedMachine machine, AddressSpace space) {
    this.machine = machine;
    this.space = space;
    this.memory = new GuestMemory(space, machine.scheduling);
    this.mappings = new Mappings(machine, space);
    this.madvise = new MadviseCall(space, memory);
  }

  @Override
  public String name() {
    return "simulated";
  }

  @Override
  public long pageSizeBytes(PageSize pageSize) {
    return machine.pageBytes(pageSize);
  }

  @Override
  public Set<Feature> supportedFeatures() {
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    features.addAll(machine.options.features());
    return features;
  }

  @Override
  public Userfaultfd openUserfaultfd(OpenOptions options) {
    boolean privileged = machine.options.privileged();
    if (!privileged && options.scope() == FaultScope.USER_AND_KERNEL) {
      throw new SystemCallException(
          "userfaultfd(scope=" + options.scope() + ")",
          Errno.EPERM,
          "the simulated process has no privileges");
    }
    Set<Feature> missing = EnumSet.noneOf(Feature.class);
    missing.addAll(options.features());
    missing.removeAll(machine.options.features());
    String call = "UFFDIO_API(features=" + options.features() + ")";
    if (!missing.isEmpty()) {
      throw new SystemCallException(call, Errno.EINVAL, "this kernel lacks " + missing);
    }
    if (!privileged && options.features().contains(Feature.EVENT_FORK)) {
      throw new SystemCallException(call, Errno.EPERM, "EVENT_FORK needs CAP_SYS_PTRACE");
    }
    boolean everything = privileged && options.scope() != FaultScope.USER_ONLY;
    FaultScope scope = everything ? FaultScope.USER_AND_KERNEL : FaultScope.USER_ONLY;
    return new SimulatedUserfaultfd(
        new FaultContext(space, scope, options.features(), options.nonBlocking(), machine));
  }

  @Override
  public MemoryFile createFile(String name, long sizeBytes, PageSize pageSize) {
    return SimulatedMemoryFile.create(machine, name, sizeBytes, pageSize);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Opens the real file of that name, with base pages; its contents outlive the process.
   */
  @Override
  public MemoryFile openFile(Path path, long sizeBytes) {
    return SimulatedMemoryFile.open(path, sizeBytes);
  }

  @Override
  public MemoryFile openExistingFile(Path path, long sizeBytes) {
    return SimulatedMemoryFile.openExisting(path, sizeBytes);
  }

  @Override
  public long map(MapRequest request) {
    return mappings.map(request);
  }

  @Override
  public void unmap(long address, long lengthBytes) {
    mappings.unmap(address, lengthBytes);
  }

  @Override
  public void replaceByZeros(long address, long lengthBytes) {
    mappings.replaceByZeros(address, lengthBytes);
  }

  @Override
  public long remap(long address, long lengthBytes) {
    return mappings.remap(address, lengthBytes);
  }

  /**
   * Moves a mapping to an address of the caller's choice (MREMAP_FIXED). What is mapped there is
   * unmapped first.
   *
   * @param target the first address of a range that this process has used before
   */
  public void remap(long address, long lengthBytes, long target) {
    mappings.remap(address, lengthBytes, target);
  }

  /**
   * Lets fills and {@link Advice#POPULATE_WRITE} find no free page, in base pages and in the pools
   * of huge pages, until it is called again with false. Pages that are present stay; the memory
   * that a guest accesses without a userfaultfd, and plain stores, are not affected.
   */
  public void setMemoryShort(boolean isShort) {
    machine.setMemoryShort(isShort);
  }

  @Override
  public void advise(long address, long lengthBytes, Advice advice) {
    if (advice == Advice.POPULATE_WRITE && machine.isMemoryShort()) {
      throw new SystemCallException(
          Calls.range("madvise " + advice, address, lengthBytes), Errno.ENOMEM);
    }
    madvise.advise(address, lengthBytes, advice);
  }

  @Override
  public long dataAddress(long address) {
    Vma area = space.find(address);
    if (area == null) {
      throw new IllegalArgumentException(
          "nothing is mapped at 0x" + Long.toHexString(address) + " in the simulated process");
    }
    return area.dataAddress(address);
  }

  @Override
  public long guestLoad(long address) {
    return memory.load(aligned(address));
  }

  @Override
  public void guestStore(long address, long value) {
    memory.store(aligned(address), value);
  }

  /**
   * Takes the faults of an access of eight bytes without sleeping in them: for a vCPU that is not a
   * thread, but is stepped by its caller. Notifies readers of a fault before it returns.
   *
   * @param write whether the access is a store
   * @return null if {@link #guestLoad} or {@link #guestStore} would not sleep now; else the fault
   *     in which they would sleep
   * @throws MemoryErrorException if the page is poisoned
   */
  public @Nullable SleepingFault touch(long address, boolean write) {
    SleepingFault fault = memory.touch(aligned(address), write);
    if (fault != null) {
      fault.notifyReaders();
    }
    return fault;
  }

  /**
   * Loads eight bytes as a system call with this address does.
   *
   * @throws SystemCallException EFAULT if the fault would go to a userfaultfd for user mode only,
   *     if the page is poisoned, or if nothing is mapped
   */
  public long systemCallLoad(long address) {
    return memory.loadInKernel(aligned(address));
  }

  /** Stores eight bytes as a system call does; errors as for {@link #systemCallLoad}. */
  public void systemCallStore(long address, long value) {
    memory.storeInKernel(aligned(address), value);
  }

  /**
   * Holds the pages of a range as I/O in flight does, until the result is closed: they cannot be
   * moved. Missing pages are faulted in for a store first. A page may be held once at a time.
   */
  public PinnedPages pin(long address, long lengthBytes) {
    return PinnedPages.pin(space, memory, address, lengthBytes);
  }

  /**
   * Polls a userfaultfd of this kernel without waiting; returns {@link #POLLIN}, {@link #POLLERR}
   * or 0. After POLLIN a read may still return nothing, since a fault may be resolved in between.
   */
  public static int poll(Userfaultfd uffd) {
    FaultContext context = context(uffd);
    if (!context.nonBlocking) {
      return POLLERR;
    }
    return context.isReadable() ? POLLIN : 0;
  }

  /** Describes the queues of a userfaultfd of this kernel: equal text means equal state. */
  public static String describe(Userfaultfd uffd) {
    StringBuilder text = new StringBuilder();
    context(uffd).describe(text);
    return text.toString();
  }

  private static FaultContext context(Userfaultfd uffd) {
    if (uffd instanceof SimulatedUserfaultfd simulated) {
      return simulated.context();
    }
    throw new IllegalArgumentException(uffd + " belongs to another engine");
  }

  /**
   * Forks the process. If a userfaultfd has {@link Feature#EVENT_FORK}, waits until the event is
   * read.
   *
   * @return the child
   */
  public SimulatedKernel fork() {
    return new SimulatedKernel(machine, new ForkCall(machine, space).fork());
  }

  /** Starts another process on the same machine, with no memory. */
  public SimulatedKernel newProcess() {
    return new SimulatedKernel(machine, new AddressSpace());
  }

  /**
   * Ends the process without events; later fills return ESRCH. Its faults and events that were not
   * read are gone, and its threads that sleep in them continue with {@link ProcessExitedException}.
   */
  public void exit() {
    Lock lock = space.writeLock();
    lock.lock();
    try {
      space.exit();
      mappings.unmapAll();
    } finally {
      lock.unlock();
    }
    space.endSleeps();
  }

  @Override
  public Pagemap openPagemap() {
    return new SimulatedPagemap(space);
  }

  @Override
  public Optional<HugePagePool> hugePagePool(PageSize pageSize) {
    return Optional.ofNullable(machine.pool(pageSize)).map(HugePages::state);
  }

  @Override
  public long availableMemoryBytes() {
    return machine.availableBytes();
  }

  private static long aligned(long address) {
    if ((address & (Long.BYTES - 1)) != 0) {
      throw new IllegalArgumentException(
          "guest address 0x" + Long.toHexString(address) + " is not a multiple of 8");
    }
    return address;
  }
}
