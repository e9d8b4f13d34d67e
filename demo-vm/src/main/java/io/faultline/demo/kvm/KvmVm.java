package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import io.faultline.demo.incoming.ArrivingVm;
import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.simulated.GuestRegisters;
import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.VcpuDigest;
import io.faultline.demo.vcpu.FirstInstruction;
import io.faultline.demo.vcpu.RunControl;
import io.faultline.demo.vcpu.StandbyThreads;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.WriteProtectDirtyLog;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.Pagemap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * A KVM VM, whose vCPUs run guest programs natively. Built by {@link KvmHost}.
 *
 * <p>Thread-safe, except that {@link #start}, {@link #loadState} and {@link #close} are confined to
 * one thread, and {@link #state} and the digests need the VM paused or finished.
 */
public final class KvmVm implements ArrivingVm {
  /** A kick interrupts a vCPU anywhere, even in a page fault. Only a loaded host delays it. */
  private static final Duration PAUSE_LIMIT = Duration.ofSeconds(10);

  /** How far ahead a target is set so that no vCPU can have passed it, even within an operation. */
  private static final long OPERATIONS_TO_STOP = 64;

  private final Kernel kernel;
  private final KvmVmConfig config;
  private final HostProfile profile;
  private final List<MemoryRegion> regions;
  private final KvmParts parts;
  private final Pagemap pagemap;
  private final VmStateCodec codec;
  private final RunControl control = new RunControl();
  private final List<Vcpu> vcpus = new ArrayList<>();
  private final GuestTimes times = new GuestTimes(vcpus);
  private final StandbyThreads threads = new StandbyThreads();
  private final VcpuStarter starter;
  private final FirstInstruction firstInstruction = new FirstInstruction();
  private boolean ready;
  private boolean closed;

  KvmVm(
      Kernel kernel,
      KvmVmConfig config,
      HostProfile profile,
      List<MemoryRegion> regions,
      KvmParts parts,
      Consumer<String> consoleLines) {
    this.kernel = kernel;
    this.config = config;
    this.profile = profile;
    this.regions = List.copyOf(regions);
    this.parts = parts;
    this.pagemap = kernel.openPagemap();
    GuestConsole console = new GuestConsole(consoleLines);
    this.codec = new VmStateCodec(parts, profile, console);
    MemoryRegion low = regions.get(GuestLayout.LOW_ID);
    this.starter = new VcpuStarter(kernel, low, GuestLayout.tablePages(config));
    for (int n = 0; n < parts.vcpus().size(); n++) {
      KvmVcpu kvm = parts.vcpus().get(n);
      GuestClock clock = new GuestClock(kernel, pagemap, low, n, profile.tscKhz());
      vcpus.add(new Vcpu(n, kvm, clock, console, control));
    }
  }

  public KvmVmConfig config() {
    return config;
  }

  /** Low memory, read-only memory, and RAM. */
  @Override
  public List<MemoryRegion> regions() {
    return regions;
  }

  /** The memory that the programs operate on. */
  public MemoryRegion ram() {
    return regions.get(GuestLayout.RAM_ID);
  }

  /** See {@code OutgoingVm.configuration()}. */
  ByteString configuration() {
    return new KvmConfigMessage(config, profile).encode();
  }

  /** Starts the vCPUs; once. */
  public void start() {
    start(nanoTime -> {});
  }

  @Override
  public void start(LongConsumer onFirstInstruction) {
    if (starter.isStarted()) {
      throw new IllegalStateException("the VM was already started");
    }
    makeReady();
    firstInstruction.notifyTo(onFirstInstruction);
    starter.start(threads::release);
  }

  @Override
  public void makeReady() {
    if (!ready) {
      ready = true;
      Runnable beforeFirst = firstInstruction::reached;
      vcpus.forEach(vcpu -> threads.add("kvm-vcpu-" + vcpu.number(), () -> vcpu.run(beforeFirst)));
      starter.makeReady();
    }
  }

  /**
   * Pauses the VM. When this returns, each vCPU is out of the guest, between two instructions. One
   * that slept in a page fault repeats the access when it is resumed.
   *
   * @throws IllegalStateException if that takes longer than 10 s; the VM then continues
   */
  public void pause() {
    control.pause(PAUSE_LIMIT);
  }

  /** Resumes the VM after {@link #pause} or {@link #stopBetweenOperations}. */
  public void resume() {
    pause(); // returns immediately after both; targets are set while vCPUs are parked
    control.resume(() -> setTargets(operations -> config.programs().opsPerVcpu()));
  }

  /**
   * Stops each vCPU at the end of an operation, up to 64 operations ahead, so that its registers
   * and memory are the result of a whole number of operations. The VM must have been started.
   *
   * @return false if that takes longer than the timeout, as it does if a page never arrives
   */
  public boolean stopBetweenOperations(Duration timeout) throws InterruptedException {
    long limit = config.programs().opsPerVcpu();
    pause();
    control.resume(
        () ->
            setTargets(
                operations ->
                    limit == 0
                        ? operations + OPERATIONS_TO_STOP
                        : Math.min(limit, operations + OPERATIONS_TO_STOP)));
    return awaitFinished(timeout);
  }

  private void setTargets(LongUnaryOperator target) {
    for (Vcpu vcpu : vcpus) {
      if (!vcpu.hasEnded()) {
        long operations = GuestState.operations(vcpu.kvm());
        vcpu.raiseTarget(target.applyAsLong(operations));
      }
    }
  }

  /** When this returns, all vCPUs are out of the guest, even those that slept in a page fault. */
  @Override
  public void abandon() {
    control.stop(PAUSE_LIMIT);
  }

  /**
   * Waits until all vCPUs have done their operations.
   *
   * @return false if the timeout expires, or the vCPUs were stopped before
   * @throws IllegalStateException as soon as a vCPU has failed, with the cause
   */
  public boolean awaitFinished(Duration timeout) throws InterruptedException {
    control.awaitChange(
        () -> hasFailed() || (control.isAllParked() && (control.isStopped() || isAtTarget())),
        timeout);
    Throwable notStarted = starter.failure();
    if (notStarted != null) {
      throw new IllegalStateException("the vCPUs could not be started", notStarted);
    }
    for (Vcpu vcpu : vcpus) {
      Throwable failure = vcpu.failure();
      if (failure != null) {
        Throwable named = LostPage.named(failure, regions);
        throw new IllegalStateException(vcpu + " failed: " + named.getMessage(), named);
      }
    }
    return starter.isStarted() && control.whileParked(this::isAtTarget).orElse(false);
  }

  private boolean hasFailed() {
    return starter.failure() != null || vcpus.stream().anyMatch(v -> v.failure() != null);
  }

  private boolean isAtTarget() {
    return vcpus.stream().allMatch(Vcpu::isAtTarget);
  }

  /**
   * Operations done, by vCPU: exact while paused or finished; otherwise the guest's own count, or
   * -1 if the page with that count has not arrived yet.
   */
  public long[] opsDone() {
    return control
        .whileParked(
            () -> vcpus.stream().mapToLong(vcpu -> GuestState.operations(vcpu.kvm())).toArray())
        .orElseGet(
            () -> vcpus.stream().mapToLong(v -> v.clock().operations().orElse(-1)).toArray());
  }

  /** What the vCPUs measure of their time. */
  public GuestTimes times() {
    return times;
  }

  /** The digest of the programs' registers, comparable with that of a simulated VM. */
  public VcpuDigest vcpuDigest() {
    return GuestRegisters.digest(
        vcpus.stream().map(vcpu -> GuestState.registers(vcpu.kvm())).toList());
  }

  /** The digest of RAM, comparable with that of a simulated VM. All pages must be present. */
  public MemoryDigest memoryDigest() {
    return MemoryDigest.of(ram());
  }

  /** The state of vCPUs and devices; see {@code OutgoingVm.deviceState()}. */
  ByteString state() {
    return codec.save(times.arrivals());
  }

  @Override
  public void loadState(ByteString bytes, long clockOffsetNanos) {
    times.arrived(codec.load(bytes, clockOffsetNanos) + 1);
  }

  /**
   * Prepares for the poisoning of lost pages, which only vCPUs may access from now on.
   *
   * @param lost base pages, by region id
   * @return false if other threads still wait for pages: those that touch the page tables
   */
  boolean lose(List<PageBitmap> lost) {
    long pageBytes = regions.get(GuestLayout.LOW_ID).basePageBytes();
    for (Vcpu vcpu : vcpus) {
      vcpu.clock().lose(lost.get(GuestLayout.LOW_ID), pageBytes, vcpu.number());
    }
    return starter.isDone();
  }

  /** A dirty log by write protection of its memory. Close it before the VM. */
  DirtyLog writeProtectLog() {
    return new WriteProtectDirtyLog(kernel, regions);
  }

  HostProfile profile() {
    return profile;
  }

  KvmParts parts() {
    return parts;
  }

  List<Vcpu> vcpus() {
    return vcpus;
  }

  /**
   * Stops the vCPUs, destroys the VM, and unmaps its memory. If an incoming VM has not run yet
   * because its page tables are missing, first resolve their faults or close the userfaultfd.
   *
   * @throws IllegalStateException if a thread still waits for a page after 10 s; the memory then
   *     stays mapped
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    abandon();
    try {
      starter.join(PAUSE_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while closing the VM; it stays open", e);
    }
    threads.end(PAUSE_LIMIT, "the VM stays open");
    closed = true;
    pagemap.close();
    parts.close();
    regions.forEach(MemoryRegion::close);
  }
}
