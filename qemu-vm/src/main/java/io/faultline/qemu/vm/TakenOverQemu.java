package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.injection.LeftUserfaultfds;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A QEMU that has got its guest from a destination node that was killed, as the migration that goes
 * on sees it: QEMU has kept the userfaultfd, which is taken from it.
 *
 * <p>The monitor is used by a thread of its own, and only to start a VM that was not started:
 * QEMU's main loop may wait for a page, and answers nothing until pages are placed again.
 *
 * <p>Used by one thread at a time, as {@link IncomingVm} is.
 */
public final class TakenOverQemu implements IncomingVm, AutoCloseable {
  private static final int KILL_MILLIS = 10_000;

  private final RunningQemu qemu;
  private final PidFd process;
  private final MemoryRegion ram;
  private final LeftUserfaultfds left;
  private final Kernel kernel;
  private final RamLock lock;
  private boolean needsStart;
  private final Consumer<String> log;
  private @Nullable Thread starter;

  private TakenOverQemu(
      LinuxKernel machine, RunningQemu qemu, PidFd process, RamLock lock, Consumer<String> log)
      throws IOException {
    this.qemu = qemu;
    this.process = process;
    this.lock = lock;
    this.log = log;
    ram = QemuGuest.map(machine, qemu.pid(), qemu.ram());
    left = new LeftUserfaultfds(machine, process);
    kernel = new QemuKernel(machine, qemu.pid(), this::takeUserfaultfd);
  }

  /**
   * Finds the guest.
   *
   * @param log gets a line if something stays open in QEMU, or it does not start the VM
   * @return null if QEMU has ended
   * @throws IOException if another node works with it, or its RAM cannot be mapped; the message is
   *     for the user
   */
  public static @Nullable TakenOverQemu find(
      LinuxKernel kernel, RunningQemu qemu, Consumer<String> log) throws IOException {
    PidFd process = PidFd.open(qemu.pid(), qemu.startTicks());
    if (process == null) {
      return null;
    }
    if (process.hasExited()) {
      process.close();
      return null;
    }
    try {
      return locked(kernel, qemu, process, log);
    } catch (IOException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  private static TakenOverQemu locked(
      LinuxKernel kernel, RunningQemu qemu, PidFd process, Consumer<String> log)
      throws IOException {
    RamLock lock = RamLock.take(qemu.ram());
    try {
      return new TakenOverQemu(kernel, qemu, process, lock, log);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private Userfaultfd takeUserfaultfd(OpenOptions options) {
    return left.take(options.features(), line -> log.accept("QEMU: userfaultfd " + line))
        .orElseThrow(
            () ->
                new SystemCallException(
                    "userfaultfd in QEMU", Errno.ESRCH, process + " has none, or has exited"));
  }

  /**
   * Before {@link #start}.
   *
   * @param needs whether the VM is to run, and may not have been started
   */
  public void needsStart(boolean needs) {
    needsStart = needs;
  }

  /** All memory has arrived: gives up the userfaultfd, if the other node had not done so. */
  public void release() {
    boolean huge = ram.backing().pageSize().isHuge();
    Feature feature = huge ? Feature.MISSING_HUGETLBFS : Feature.MISSING_SHMEM;
    var _ = left.close(feature, ram.guest().address(), ram.sizeBytes());
  }

  @Override
  public Backing backing(String type, ByteString configuration, AnnouncedRegion region) {
    return ram.backing();
  }

  /** Leaves the RAM as it is: it has the pages that have arrived. */
  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    AnnouncedRegion here =
        new AnnouncedRegion(ram.id(), ram.name(), ram.sizeBytes(), ram.pageBytes());
    if (!announced.equals(List.of(here))) {
      throw new IncomingVmException(
          "the source announced " + announced + ", " + process + " has " + here);
    }
    return List.of(ram);
  }

  @Override
  public Kernel kernelOfGuest(Kernel machine) {
    return kernel;
  }

  @Override
  public boolean loadTouchesMemory() {
    return true;
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) {
    throw new IllegalStateException("the state was loaded before the take-over");
  }

  /** Starts the VM, if it is to run and was not started. */
  @Override
  public void start(FirstInstruction onFirstInstruction) {
    if (!needsStart) {
      onFirstInstruction.ran(System.nanoTime());
      return;
    }
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("qemu-monitor")
            .unstarted(() -> startVm(onFirstInstruction));
    starter = thread;
    thread.start();
  }

  private void startVm(FirstInstruction onFirstInstruction) {
    try {
      new VmStart(process, qemu.monitor(), null, log).await(onFirstInstruction);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public @Nullable String ended() {
    return process.isExiting() ? "QEMU, " + process + ", has ended" : null;
  }

  /** Kills QEMU. */
  @Override
  public void abandon() {
    var _ = process.sendSignal(PidFd.SIGKILL);
    if (!process.awaitExit(KILL_MILLIS)) {
      throw new IllegalStateException(process + " does not end although it was killed");
    }
  }

  /** The RAM. */
  public MemoryRegion ram() {
    return ram;
  }

  /** QEMU continues. */
  @Override
  public void close() {
    Thread thread = starter;
    if (thread != null) {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    ram.close();
    lock.close();
    process.close();
  }
}
