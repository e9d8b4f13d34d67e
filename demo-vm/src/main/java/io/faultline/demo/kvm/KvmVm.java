package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import io.faultline.demo.incoming.ArrivingVm;
import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.simulated.GuestRegisters;
import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.VcpuDigest;
import io.faultline.demo.simulated.VcpuFaults;
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
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * A VM of KVM with vCPUs that run guest programs natively. Built by {@link KvmHost}.
 *
 * <p>Thread-safe, except that {@link #start}, {@link #loadState} and {@link #close} belong to one
 * thread, and {@link #state} and the digests need the VM paused or finished.
 */
public final class KvmVm implements ArrivingVm {
  /** A kick takes a vCPU out of everything, a page fault too; only the host's load delays it. */
  private static final Duration PAUSE_LIMIT = Duration.ofSeconds(10);

  /** Enough for a vCPU to stop at, wherever it is in its operation. */
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
  private final StandbyThreads threads = new StandbyThreads();
  private final VcpuStarter starter;
  private final FirstInstruction firstInstruction = new FirstInstruction();
  private boolean ready;
  private int arrivals;
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

  /** Low memory, read-only memory, RAM. */
  @Override
  public List<MemoryRegion> regions() {
    return regions;
  }

  /** RAM, which the programs work on. */
  public MemoryRegion ram() {
    return regions.get(GuestLayout.RAM_ID);
  }

  /** As {@code OutgoingVm.configuration()} sends it. */
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
      throw new IllegalStateException("the VM was started before");
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
   * Returns when no vCPU is in the guest any more: each is between two instructions, wherever it
   * was, also in a page fault.
   *
   * @throws IllegalStateException where that takes longer than 10 s; the VM then goes on
   */
  public void pause() {
    control.pause(PAUSE_LIMIT);
  }

  /** Lets vCPUs go on after {@link #pause} or {@link #stopBetweenOperations}. */
  public void resume() {
    control.resume(() -> setTargets(operations -> config.programs().opsPerVcpu()));
  }

  /**
   * Lets each vCPU finish the operation that it is in, and some more, so that its registers and
   * memory are what a whole number of operations makes of them. The VM must have been started.
   *
   * @return false where that takes longer than the limit, such as for a page that does not come
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

  /** When this returns, no vCPU is in the guest any more, not even one that slept in a fault. */
  @Override
  public void abandon() {
    control.stop(PAUSE_LIMIT);
  }

  /**
   * Waits until all vCPUs have done their operations.
   *
   * @return false where they have not within the time, or were stopped before
   * @throws IllegalStateException as soon as a vCPU failed, with the cause
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
   * Operations done by each vCPU: exact while paused or finished, else as the guest last told, or
   * -1 where that is in memory that has not come yet.
   */
  public long[] opsDone() {
    return control
        .whileParked(
            () -> vcpus.stream().mapToLong(vcpu -> GuestState.operations(vcpu.kvm())).toArray())
        .orElseGet(
            () -> vcpus.stream().mapToLong(v -> v.clock().operations().orElse(-1)).toArray());
  }

  /**
   * The gaps between two operations that each vCPU saw on this machine and that were as long as
   * page faults are: a page fault, or the host that had no time for the vCPU.
   */
  public List<VcpuFaults> faults() {
    return vcpus.stream().map(vcpu -> vcpu.clock().faults(arrivals)).toList();
  }

  /**
   * The pause that the guest saw in its migration to this machine: the longest, over vCPUs, from
   * the end of the last operation there to the end of the first one here. Empty until each vCPU has
   * done one here; 0 for a VM that was started here.
   */
  public OptionalLong guestPauseNanos() {
    long longest = 0;
    for (Vcpu vcpu : vcpus) {
      OptionalLong gap = vcpu.clock().arrivalGapNanos(arrivals);
      if (gap.isEmpty()) {
        return OptionalLong.empty();
      }
      longest = Math.max(longest, gap.getAsLong());
    }
    return OptionalLong.of(longest);
  }

  /** The longest gap that each vCPU saw between two operations, wherever it ran. */
  public long[] longestGapNanos() {
    return vcpus.stream().mapToLong(vcpu -> vcpu.clock().longestGapNanos()).toArray();
  }

  /** How often a vCPU saw its time run backwards, which must never be. */
  public long timesBackwards() {
    return vcpus.stream().mapToLong(vcpu -> vcpu.clock().backwards()).sum();
  }

  /** The digest of what the programs compute with, equal to that of a simulated VM. */
  public VcpuDigest vcpuDigest() {
    return GuestRegisters.digest(
        vcpus.stream().map(vcpu -> GuestState.registers(vcpu.kvm())).toList());
  }

  /** The digest of RAM, every page of which must be there; equal to that of a simulated VM. */
  public MemoryDigest memoryDigest() {
    return MemoryDigest.of(ram());
  }

  /** The state of vCPUs and devices, as it goes to another machine. */
  ByteString state() {
    return codec.save(arrivals);
  }

  @Override
  public void loadState(ByteString bytes, long clockOffsetNanos) {
    arrivals = codec.load(bytes, clockOffsetNanos) + 1;
  }

  /**
   * Some pages are about to be poisoned, and only its vCPUs may touch them.
   *
   * @param lost base pages, by the number of their region
   * @return false where that is not so: threads still wait for its page tables
   */
  boolean lose(List<PageBitmap> lost) {
    long pageBytes = regions.get(GuestLayout.LOW_ID).basePageBytes();
    for (Vcpu vcpu : vcpus) {
      vcpu.clock().lose(lost.get(GuestLayout.LOW_ID), pageBytes, vcpu.number());
    }
    return starter.isDone();
  }

  /** A dirty log by write protection of its memory here. Close it before the VM. */
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
   * Stops the vCPUs, gives the VM back to the kernel, and unmaps its memory. Where a VM that
   * arrived has not begun to run, because its page tables did not come, their faults must have been
   * resolved before, or their userfaultfd closed.
   *
   * @throws IllegalStateException where it still waits for them after 10 s; the memory then stays
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    abandon();
    try {
      starter.join(PAUSE_LIMIT);
      threads.dismiss();
      Optional<Thread> late = threads.join(PAUSE_LIMIT);
      if (late.isPresent()) {
        throw new IllegalStateException(late.get().getName() + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted; the VM stays as it is", e);
    }
    closed = true;
    pagemap.close();
    parts.close();
    regions.forEach(MemoryRegion::close);
  }
}
