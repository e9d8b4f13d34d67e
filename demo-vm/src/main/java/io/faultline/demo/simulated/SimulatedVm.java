package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.incoming.ArrivingVm;
import io.faultline.demo.simulated.state.VmState;
import io.faultline.demo.vcpu.FirstInstruction;
import io.faultline.demo.vcpu.RunControl;
import io.faultline.demo.vcpu.StandbyThreads;
import io.faultline.memory.Backing;
import io.faultline.memory.DirtyBits;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.WriteProtectDirtyLog;
import io.faultline.uffd.Kernel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * A VM whose vCPUs are threads of this process. Its memory is one region, id 0, {@code ram}.
 *
 * <p>Thread-safe, except that {@link #start}, {@link #loadState} and {@link #close} belong to one
 * thread, and {@link #state} and the digests need the VM paused or finished.
 */
public final class SimulatedVm implements ArrivingVm {
  /** A vCPU that waits for a page at a running migration gets it long before that. */
  private static final Duration PAUSE_LIMIT = Duration.ofSeconds(30);

  /** Far more than a vCPU needs from one operation to the next, however busy the machine. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final Kernel kernel;
  private final SimulatedVmConfig config;
  private final MemoryRegion ram;
  private final DirtyBits dirty = new DirtyBits();
  private final RunControl control = new RunControl();
  private final List<Vcpu> vcpus;
  private final StandbyThreads threads = new StandbyThreads();
  private final FirstInstruction firstInstruction = new FirstInstruction();
  private boolean ready;
  private boolean started;

  private SimulatedVm(Kernel kernel, SimulatedVmConfig config, RamLayout layout, MemoryRegion ram) {
    this.kernel = kernel;
    this.config = config;
    this.ram = ram;
    this.vcpus =
        IntStream.range(0, config.vcpus())
            .mapToObj(n -> new Vcpu(n, config, layout.slice(n), kernel, ram, dirty, control))
            .toList();
  }

  /**
   * Builds a VM with its memory filled, ready to start.
   *
   * @throws IllegalArgumentException where the configuration cannot work, with the remedy
   * @throws io.faultline.uffd.SystemCallException where the memory cannot be had
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
   * Builds a VM without touching its memory, for one that arrives from elsewhere.
   *
   * @param backing what memory is made of here, with pages of the size in the configuration
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
   * Builds a VM again, ready to start, whose memory is in a named file, with its state of then;
   * IllegalArgumentException where it cannot be that of such a VM.
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

  /** Guest memory. Stays mapped until {@link #close}. */
  public MemoryRegion ram() {
    return ram;
  }

  /**
   * The dirty log of its own MMU: exact to the base page, on every backing. Works whether the VM
   * runs or is paused, which collecting does not change; a VM that runs stops for about 0.1 ms,
   * longer where its processors are busy. One at a time; close it before the VM.
   *
   * <p>{@link DirtyLog#start} and {@link DirtyLog#collect} throw IllegalStateException where a vCPU
   * does not come out of a page fault within 30 s; nothing is lost by that, the next call tells.
   */
  public DirtyLog dirtyLog() {
    return new FlushedDirtyLog(new MmuDirtyLog(ram, dirty), this::flushTlbs);
  }

  /**
   * The dirty log of the kernel's write protection. Else as {@link #dirtyLog}, but the VM stops
   * only where the engine is a simulated one.
   */
  public DirtyLog writeProtectLog() {
    DirtyLog log = new WriteProtectDirtyLog(kernel, List.of(ram));
    // The processor checks plain stores against the kernel's page table; against a simulated one,
    // behind which the data has addresses of its own, only the accesses that miss the TLB are.
    boolean checked = ram.guest().dataAddress(0) == ram.guest().address();
    return checked ? log : new FlushedDirtyLog(log, this::flushTlbs);
  }

  /** A vCPU that needs one of these pages ends with a memory error. */
  void lose(PageBitmap pages) {
    vcpus.forEach(vcpu -> vcpu.lose(pages));
  }

  /** After {@link #lose}: whether none of the accesses from before is under way. */
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
      throw new IllegalStateException("the VM was started before");
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
   * Returns when all vCPUs, also those that sleep in a page fault, are parked or have ended.
   *
   * @throws IllegalStateException where that takes longer than 30 s; the VM then goes on
   */
  public void pause() {
    control.pause(PAUSE_LIMIT);
  }

  /** Lets vCPUs go on after {@link #pause}. They look anew which pages are there. */
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
   * @return false where they have not within the time, or were stopped before
   * @throws IllegalStateException as soon as a vCPU failed, with the cause
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

  /** Operations done by each vCPU: exact while paused or finished, else a few behind. */
  public long[] opsDone() {
    return vcpus.stream().mapToLong(Vcpu::operationsDone).toArray();
  }

  /** The faults that each vCPU saw on this machine. */
  public List<VcpuFaults> faults() {
    return vcpus.stream().map(vcpu -> vcpu.clock().faults()).toList();
  }

  /**
   * The pause that the guest saw in its migration to this machine: the longest, over vCPUs, from
   * the end of the last operation there to the end of the first one here. A vCPU that slept for the
   * sake of its pace when it was stopped counts from the moment that its sleep was cut short. Empty
   * until each vCPU that came with operations done has done one here or ended; 0 if none came so.
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
   * The longest gap that each vCPU saw between two operations, in nanoseconds, wherever it ran;
   * without what it slept for the sake of its pace. Only while paused or finished.
   */
  public long[] longestGapNanos() {
    return vcpus.stream().mapToLong(vcpu -> vcpu.clock().longestGapNanos()).toArray();
  }

  /** The digest of all vCPU registers. */
  public VcpuDigest vcpuDigest() {
    return VcpuDigest.of(vcpus.stream().map(Vcpu::registers).toList());
  }

  /** The digest of all memory, every page of which must be there. */
  public MemoryDigest memoryDigest() {
    return MemoryDigest.of(ram);
  }

  /** The state of all vCPUs, as it goes to another machine. */
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
   * Stops the vCPUs and unmaps the memory. Page faults that vCPUs sleep in must have been resolved
   * before, or their userfaultfd closed.
   *
   * @throws IllegalStateException where a vCPU still sleeps in a fault after 10 s; the memory then
   *     stays mapped, since the vCPU would crash the process without it
   */
  @Override
  public void close() {
    abandon();
    joinAll();
    ram.close();
  }

  private void joinAll() {
    threads.dismiss();
    try {
      Optional<Thread> late = threads.join(STOP_LIMIT);
      if (late.isPresent()) {
        throw new IllegalStateException(
            late.get().getName() + " still sleeps in a page fault; its memory stays mapped");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted; the memory of the VM stays mapped", e);
    }
  }

  private static VmState parse(ByteString bytes) {
    try {
      return VmState.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the device state cannot be read: " + e.getMessage(), e);
    }
  }
}
