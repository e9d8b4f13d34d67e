package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import io.faultline.demo.incoming.ArrivingVm;
import io.faultline.demo.vcpu.FirstInstruction;
import io.faultline.demo.vcpu.RunControl;
import io.faultline.demo.vcpu.StandbyThreads;
import io.faultline.memory.Backing;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

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

  private final SimulatedVmConfig config;
  private final VmRam ram;
  private final RunControl control = new RunControl();
  private final List<Vcpu> vcpus;
  private final VcpuTimes times;
  private final StandbyThreads threads = new StandbyThreads();
  private final FirstInstruction firstInstruction = new FirstInstruction();
  private boolean ready;
  private boolean started;

  private SimulatedVm(SimulatedVmConfig config, RamLayout layout, VmRam ram) {
    this.config = config;
    this.ram = ram;
    this.vcpus =
        IntStream.range(0, config.vcpus())
            .mapToObj(n -> new Vcpu(n, config, layout.slice(n), ram::open, control))
            .toList();
    this.times = new VcpuTimes(vcpus);
  }

  /**
   * Builds a VM with its memory filled, ready to start.
   *
   * @throws IllegalArgumentException if the configuration is impossible, with the remedy
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses the memory
   */
  public static SimulatedVm create(Kernel kernel, SimulatedVmConfig config) {
    SimulatedVm vm = prepare(kernel, config, config.backing());
    return vm.initialised(() -> vm.fill(kernel));
  }

  /**
   * Builds a VM whose memory is paged, filled and ready to start. It owns the memory.
   *
   * @throws IllegalArgumentException if the configuration is impossible, or the memory is not of
   *     that size; the memory is closed then
   */
  public static SimulatedVm paged(Kernel kernel, SimulatedVmConfig config, PagedRam memory) {
    memory.requireSize(config.ramBytes());
    SimulatedVm vm = over(kernel, config, memory);
    return vm.initialised(() -> vm.fill(kernel));
  }

  /**
   * Builds a VM for an incoming migration, without touching its memory.
   *
   * @param backing of the memory here, with the page size of the configured backing
   */
  static SimulatedVm prepare(Kernel kernel, SimulatedVmConfig config, Backing backing) {
    RamLayout.check(config, kernel); // before memory is mapped
    return over(kernel, config, MappedRam.map(kernel, backing, config.ramBytes()));
  }

  /**
   * Rebuilds a VM whose memory is in a named file, ready to start.
   *
   * @param state the state that it had when that memory was last written
   * @throws IllegalArgumentException if it cannot be a state of such a VM
   */
  public static SimulatedVm restore(Kernel kernel, SimulatedVmConfig config, ByteString state) {
    SimulatedVm vm = prepare(kernel, config, config.backing());
    return vm.initialised(() -> vm.loadState(state, 0));
  }

  /** Builds a VM over RAM, which is closed if that fails. */
  private static SimulatedVm over(Kernel kernel, SimulatedVmConfig config, VmRam ram) {
    try {
      return new SimulatedVm(config, RamLayout.of(config, kernel), ram);
    } catch (RuntimeException | Error e) {
      ram.close();
      throw e;
    }
  }

  private void fill(Kernel kernel) {
    ram.fill(new RamFill(config, RamLayout.of(config, kernel)));
  }

  private SimulatedVm initialised(Runnable step) {
    try {
      step.run();
      return this;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  public SimulatedVmConfig config() {
    return config;
  }

  @Override
  public List<MemoryRegion> regions() {
    return List.of(ram());
  }

  /** Its memory if that is paged. */
  public Optional<PagedRam> pagedRam() {
    return ram instanceof PagedRam paged ? Optional.of(paged) : Optional.empty();
  }

  /** Guest memory. Stays mapped until {@link #close}. */
  public MemoryRegion ram() {
    return ram.region();
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
    return ram.dirtyLog(this::flushTlbs, control::isAllParked);
  }

  /**
   * The dirty log of the kernel's write protection. Otherwise as {@link #dirtyLog}, but the VM
   * stops only on a simulated kernel. Not of paged memory.
   */
  public DirtyLog writeProtectLog() {
    return ram.writeProtectLog(this::flushTlbs);
  }

  /** From its return on no store goes through a TLB; see {@code OutgoingVm.beginProtection()}. */
  void beginProtection() {
    ram.checkEveryStore(true);
    flushTlbs();
  }

  /** A page that was stored to once stays writable in the TLB again. */
  void endProtection() {
    ram.checkEveryStore(false);
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

  /** What the vCPUs measured of their time on this machine. */
  public VcpuTimes times() {
    return times;
  }

  /** The digest of all vCPU registers. */
  public VcpuDigest vcpuDigest() {
    return VcpuDigest.of(vcpus.stream().map(Vcpu::registers).toList());
  }

  /** The digest of all memory. All pages must be present. */
  public MemoryDigest memoryDigest() {
    return ram.digest();
  }

  /** The state of all vCPUs; see {@code OutgoingVm.deviceState()}. */
  ByteString state() {
    return VmStateCodec.save(vcpus);
  }

  @Override
  public void loadState(ByteString bytes, long clockOffsetNanos) {
    VmStateCodec.load(bytes, clockOffsetNanos, vcpus);
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
    threads.end(STOP_LIMIT, "the VM's memory stays mapped");
    vcpus.forEach(Vcpu::closeMemory);
    ram.close();
  }
}
