package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.incoming.ArrivingVm;
import io.faultline.demo.simulated.state.VmState;
import io.faultline.demo.vcpu.FirstInstruction;
import io.faultline.demo.vcpu.RunControl;
import io.faultline.demo.vcpu.StandbyThreads;
import io.faultline.dest.recording.TimeBuckets;
import io.faultline.memory.Backing;
import io.faultline.memory.DirtyBits;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.GuestAccess;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.WriteProtectDirtyLog;
import io.faultline.paging.PagedAccess;
import io.faultline.uffd.Kernel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A VM whose vCPUs are threads of this process. Its memory is one region, id 0, {@code ram}.
 *
 * <p>Thread-safe, except that {@link #start}, {@link #loadState} and {@link #close} are confined to
 * one thread, and {@link #state} and the digests need the VM paused or finished.
 */
public final class SimulatedVm implements ArrivingVm {
  /** During a migration, a vCPU gets its missing page in far less. */
  private static final Duration PAUSE_LIMIT = Duration.ofSeconds(30);

  /** Far longer than an operation takes, however busy the machine is. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final Kernel kernel;
  private final SimulatedVmConfig config;
  private final MemoryRegion ram;
  private final @Nullable PagedRam paged;
  private final DirtyBits dirty = new DirtyBits();
  private final RunControl control = new RunControl();
  private final List<Vcpu> vcpus;
  private volatile List<TimeBuckets> blockedTime = List.of();
  private final StandbyThreads threads = new StandbyThreads();
  private final FirstInstruction firstInstruction = new FirstInstruction();
  private boolean ready;
  private boolean started;

  private SimulatedVm(Kernel kernel, SimulatedVmConfig config, RamLayout layout, MemoryRegion ram) {
    this.kernel = kernel;
    this.config = config;
    this.ram = ram;
    this.paged = null;
    this.vcpus =
        vcpus(config, layout, faults -> new TlbWords(new GuestAccess(kernel, ram, faults, dirty)));
  }

  private SimulatedVm(Kernel kernel, SimulatedVmConfig config, RamLayout layout, PagedRam paged) {
    this.kernel = kernel;
    this.config = config;
    this.ram = paged.memory();
    this.paged = paged;
    this.vcpus = vcpus(config, layout, faults -> new PagedWords(paged.region(), faults));
  }

  private List<Vcpu> vcpus(SimulatedVmConfig config, RamLayout layout, VcpuMemory.Opener memory) {
    return IntStream.range(0, config.vcpus())
        .mapToObj(n -> new Vcpu(n, config, layout.slice(n), memory, control))
        .toList();
  }

  /**
   * Builds a VM whose memory is paged, filled and ready to start. It owns the memory.
   *
   * @throws IllegalArgumentException if the configuration is impossible, or the memory is not of
   *     that size; the memory is closed then
   */
  public static SimulatedVm paged(Kernel kernel, SimulatedVmConfig config, PagedRam memory) {
    try {
      if (memory.region().lengthBytes() != config.ramBytes()) {
        throw new IllegalArgumentException(
            "a region of "
                + memory.region().lengthBytes()
                + " bytes for RAM of "
                + config.ramBytes()
                + " bytes");
      }
      RamLayout layout = RamLayout.of(config, kernel);
      try (PagedAccess access = memory.region().access()) {
        new RamFill(config, layout).fill(access);
      }
      return new SimulatedVm(kernel, config, layout, memory);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /**
   * Builds a VM with its memory filled, ready to start.
   *
   * @throws IllegalArgumentException if the configuration is impossible, with the remedy
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses the memory
   */
  public static SimulatedVm create(Kernel kernel, SimulatedVmConfig config) {
    SimulatedVm vm = prepare(kernel, config, config.backing());
    try {
      new RamFill(config, RamLayout.of(config, kernel)).fill(vm.ram);
      return vm;
    } catch (RuntimeException | Error e) {
      vm.close();
      throw e;
    }
  }

  /**
   * Builds a VM for an incoming migration, without touching its memory.
   *
   * @param backing of the memory here, with the page size of the configured backing
   */
  static SimulatedVm prepare(Kernel kernel, SimulatedVmConfig config, Backing backing) {
    RamLayout layout = RamLayout.of(config, kernel);
    MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", backing, config.ramBytes());
    try {
      return new SimulatedVm(kernel, config, layout, ram);
    } catch (RuntimeException | Error e) {
      ram.close();
      throw e;
    }
  }

  /**
   * Rebuilds a VM whose memory is in a named file, ready to start.
   *
   * @param state the state that it had when that memory was last written
   * @throws IllegalArgumentException if it cannot be a state of such a VM
   */
  public static SimulatedVm restore(Kernel kernel, SimulatedVmConfig config, ByteString state) {
    SimulatedVm vm = prepare(kernel, config, config.backing());
    try {
      vm.loadState(state, 0);
      return vm;
    } catch (RuntimeException | Error e) {
      vm.close();
      throw e;
    }
  }

  public SimulatedVmConfig config() {
    return config;
  }

  @Override
  public List<MemoryRegion> regions() {
    return List.of(ram);
  }

  /** Its memory if that is paged. */
  public Optional<PagedRam> pagedRam() {
    return Optional.ofNullable(paged);
  }

  /** Guest memory. Stays mapped until {@link #close}. */
  public MemoryRegion ram() {
    return ram;
  }

  /**
   * The dirty log of the VM's own MMU, of paged memory that of its pager: exact to the base page on
   * every backing. Collecting works on a running and on a paused VM. A running VM stops for about
   * 0.1 ms, longer if its processors are busy. One log at a time; close it before the VM.
   *
   * <p>{@link DirtyLog#start} and {@link DirtyLog#collect} throw IllegalStateException if a vCPU
   * waits in a page fault for 30 s. No dirty page is lost: the next collect returns it.
   */
  public DirtyLog dirtyLog() {
    if (paged != null) {
      return paged.dirtyLog(this::flushTlbs, control::isAllParked);
    }
    return new FlushedDirtyLog(new MmuDirtyLog(ram, dirty), this::flushTlbs);
  }

  /**
   * The dirty log of the kernel's write protection. Otherwise as {@link #dirtyLog}, but the VM
   * stops only on a simulated kernel. Not of paged memory.
   */
  public DirtyLog writeProtectLog() {
    if (paged != null) {
      throw new UnsupportedOperationException("the pager owns the write protection of its memory");
    }
    DirtyLog log = new WriteProtectDirtyLog(kernel, List.of(ram));
    // The processor checks each plain store against the page table of the real kernel. A simulated
    // kernel sees only accesses that miss the TLB: its data is at other addresses than its pages.
    boolean checkedByProcessor = ram.guest().dataAddress(0) == ram.guest().address();
    return checkedByProcessor ? log : new FlushedDirtyLog(log, this::flushTlbs);
  }

  /** A vCPU that accesses one of these pages from now on ends with a memory error. */
  void lose(PageBitmap pages) {
    vcpus.forEach(vcpu -> vcpu.lose(pages));
  }

  /** After {@link #lose}: whether no access that began before it is still in progress. */
  boolean isClearOfLost() {
    return vcpus.stream().allMatch(Vcpu::isAwakeOrEnded);
  }

  private void flushTlbs() {
    control.rendezvous(PAUSE_LIMIT);
  }

  /** Starts the vCPUs; once. */
  public void start() {
    start(nanoTime -> {});
  }

  @Override
  public void start(LongConsumer onFirstInstruction) {
    if (started) {
      throw new IllegalStateException("the VM was already started");
    }
    makeReady();
    started = true;
    firstInstruction.notifyTo(onFirstInstruction);
    vcpus.forEach(control::add);
    threads.release();
  }

  @Override
  public void makeReady() {
    if (!ready) {
      ready = true;
      Runnable beforeFirst = firstInstruction::reached;
      vcpus.forEach(vcpu -> threads.add("vcpu-" + vcpu.number(), () -> vcpu.run(beforeFirst)));
    }
  }

  /**
   * Pauses the VM. Returns when all vCPUs are parked or have ended, including those that waited in
   * a page fault.
   *
   * @throws IllegalStateException if that takes longer than 30 s; the VM then continues
   */
  public void pause() {
    control.pause(PAUSE_LIMIT);
  }

  /** Resumes the VM. The vCPUs check again which pages are present. */
  public void resume() {
    control.resume();
  }

  @Override
  public void abandon() {
    control.stop(STOP_LIMIT);
  }

  /**
   * Waits until all vCPUs have done their operations.
   *
   * @return false if the timeout expires, or the vCPUs were stopped before
   * @throws IllegalStateException as soon as a vCPU has failed, with the cause
   */
  public boolean awaitFinished(Duration timeout) throws InterruptedException {
    control.awaitChange(
        () -> !started || haveAllEnded() || vcpus.stream().anyMatch(v -> v.failure() != null),
        timeout);
    for (Vcpu vcpu : vcpus) {
      Throwable failure = vcpu.failure();
      if (failure != null) {
        throw new IllegalStateException("vCPU " + vcpu.number() + " failed: " + failure, failure);
      }
    }
    return haveAllEnded() && !control.isStopped();
  }

  private boolean haveAllEnded() {
    return vcpus.stream().allMatch(Vcpu::hasEnded);
  }

  /** Operations done, by vCPU: exact while paused or finished; otherwise up to a batch too few. */
  public long[] opsDone() {
    return vcpus.stream().mapToLong(Vcpu::operationsDone).toArray();
  }

  /** The faults of each vCPU on this machine. */
  public List<VcpuFaults> faults() {
    return vcpus.stream().map(vcpu -> vcpu.clock().faults()).toList();
  }

  /**
   * Starts to record over time how long each vCPU waits for pages. Call it before {@link #start}.
   */
  public void recordBlockedTime() {
    List<TimeBuckets> into = vcpus.stream().map(vcpu -> new TimeBuckets()).toList();
    for (int i = 0; i < into.size(); i++) {
      vcpus.get(i).clock().startRecording(into.get(i));
    }
    blockedTime = into;
  }

  /** Ends the recording; it can be read once the VM is paused. Any thread. */
  public void stopRecordingBlockedTime() {
    vcpus.forEach(vcpu -> vcpu.clock().stopRecording());
  }

  /** How many nanoseconds each vCPU waited for pages, over time; empty if it was not recorded. */
  public List<TimeBuckets.Series> blockedTime() {
    return blockedTime.stream().map(TimeBuckets::series).toList();
  }

  /**
   * The pause that the guest measured around its migration to this machine: from the end of the
   * last operation at the source to the end of the first one here, the maximum over all vCPUs. For
   * a paced vCPU that slept when it was paused, it starts when that sleep ended. Empty until each
   * vCPU that had done operations at the source has done one here or ended; 0 if there is no such
   * vCPU.
   */
  public OptionalLong guestPauseNanos() {
    long longest = 0;
    for (Vcpu vcpu : vcpus) {
      if (vcpu.pauseStillUnknown()) {
        return OptionalLong.empty();
      }
      longest = Math.max(longest, vcpu.clock().pauseNanos().orElse(0));
    }
    return OptionalLong.of(longest);
  }

  /**
   * The longest gap between two operations of each vCPU, in nanoseconds, on any machine; sleeps of
   * a paced vCPU excluded. Only while paused or finished.
   */
  public long[] longestGapNanos() {
    return vcpus.stream().mapToLong(vcpu -> vcpu.clock().longestGapNanos()).toArray();
  }

  /** The digest of all vCPU registers. */
  public VcpuDigest vcpuDigest() {
    return VcpuDigest.of(vcpus.stream().map(Vcpu::registers).toList());
  }

  /** The digest of all memory. All pages must be present. */
  public MemoryDigest memoryDigest() {
    return paged == null ? MemoryDigest.of(ram) : MemoryDigest.of(ram.sizeBytes(), paged::read);
  }

  /** The state of all vCPUs; see {@code OutgoingVm.deviceState()}. */
  ByteString state() {
    return VmState.newBuilder()
        .addAllVcpus(vcpus.stream().map(Vcpu::state).toList())
        .build()
        .toByteString();
  }

  @Override
  public void loadState(ByteString bytes, long clockOffsetNanos) {
    VmState state = parse(bytes);
    if (state.getVcpusCount() != vcpus.size()) {
      throw new IllegalArgumentException(
          "device state of " + state.getVcpusCount() + " vCPUs for a VM of " + vcpus.size());
    }
    for (int n = 0; n < vcpus.size(); n++) {
      vcpus.get(n).load(state.getVcpus(n), clockOffsetNanos);
    }
  }

  /**
   * Stops the vCPUs and unmaps the memory. If vCPUs wait in page faults, first resolve them or
   * close the userfaultfd.
   *
   * @throws IllegalStateException if a vCPU still waits in a page fault after 10 s; the memory then
   *     stays mapped, since the vCPU would crash the process without it
   */
  @Override
  public void close() {
    abandon();
    joinAll();
    vcpus.forEach(Vcpu::closeMemory);
    ram.close();
    if (paged != null) {
      paged.close();
    }
  }

  private void joinAll() {
    threads.dismiss();
    try {
      Optional<Thread> late = threads.join(STOP_LIMIT);
      if (late.isPresent()) {
        throw new IllegalStateException(
            late.get().getName() + " still waits in a page fault; the VM's memory stays mapped");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "interrupted while closing the VM; its memory stays mapped", e);
    }
  }

  private static VmState parse(ByteString bytes) {
    try {
      return VmState.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("cannot parse the device state: " + e.getMessage(), e);
    }
  }
}
