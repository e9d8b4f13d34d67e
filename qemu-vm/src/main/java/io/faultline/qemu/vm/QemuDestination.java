package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A QEMU that waits for its guest ({@code -incoming defer -S}), as an incoming migration sees it.
 *
 * <p>Used by one thread at a time, as {@link IncomingVm} is, except {@link #close}.
 */
public final class QemuDestination implements IncomingVm, AutoCloseable {
  private static final int KILL_MILLIS = 10_000;

  private final QemuGuest guest;
  private final GuestArrival arrival;

  private QemuDestination(QemuGuest guest, Consumer<String> log) {
    this.guest = guest;
    arrival = new GuestArrival(guest.process(), guest.monitor(), log);
  }

  /**
   * Takes a QEMU that waits.
   *
   * @param monitor stays the caller's, and is used from here on
   * @param log gets a line if something stays open in QEMU, and if it does not start the VM
   * @throws IOException if it does not wait, or no guest can be moved to it; the message is for the
   *     user
   */
  public static QemuDestination of(LinuxKernel kernel, QmpConnection monitor, Consumer<String> log)
      throws IOException, InterruptedException {
    String status = monitor.execute("query-status").path("status").asString("");
    if (!status.equals("inmigrate")) {
      throw new IOException(
          "QEMU, process "
              + monitor.pid()
              + ", does not wait for a guest, but is "
              + status
              + ": start it with -incoming defer -S");
    }
    QemuGuest guest = QemuGuest.of(kernel, monitor, log);
    try {
      LeftInQemu.closeDescriptors(monitor);
      guest.prepare();
      SwitchoverRehearsal.tryRun(log);
      return new QemuDestination(guest, log);
    } catch (IOException | InterruptedException | RuntimeException e) {
      guest.close();
      throw e;
    }
  }

  @Override
  public Backing backing(String type, ByteString configuration, AnnouncedRegion region) {
    return guest.ram().backing();
  }

  /** Empties its RAM: QEMU may have written to it, and a file may have old contents. */
  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    if (!type.equals(QemuSource.TYPE)) {
      throw new IncomingVmException(
          "a VM of type '" + type + "' cannot run here, only '" + QemuSource.TYPE + "'");
    }
    requireSame(configuration, announced);
    MemoryRegion ram = guest.ram();
    guest.kernel().advise(ram.transfer().address(), ram.sizeBytes(), Advice.REMOVE);
    try {
      arrival.open();
    } catch (IOException e) {
      throw new IncomingVmException("QEMU: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncomingVmException("interrupted while QEMU was prepared", e);
    }
    return List.of(ram);
  }

  private void requireSame(ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    MemoryRegion ram = guest.ram();
    AnnouncedRegion here =
        new AnnouncedRegion(ram.id(), ram.name(), ram.sizeBytes(), ram.pageBytes());
    if (!announced.equals(List.of(here))) {
      throw new IncomingVmException(
          "the source announced "
              + announced
              + ", this QEMU has "
              + here
              + ": give both the same"
              + " -m and the same page size");
    }
    QemuMachine source;
    try {
      source = QemuMachine.decode(configuration);
    } catch (IllegalArgumentException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    }
    if (guest.machine().hasRamOf(source)) {
      throw new IncomingVmException(
          "this QEMU has the RAM of the source's QEMU, "
              + ram.backing()
              + ": give it another mem-path");
    }
    List<String> differences = guest.machine().differencesFrom(source);
    if (!differences.isEmpty()) {
      throw new IncomingVmException(
          "this QEMU has another machine: " + String.join("; ", differences));
    }
  }

  @Override
  public Kernel kernelOfGuest(Kernel machine) {
    return guest.kernel();
  }

  /** Devices read their rings in it, and {@code kvm-tpr-opt} the option ROM that it patched. */
  @Override
  public boolean loadTouchesMemory() {
    return true;
  }

  @Override
  public boolean loadsInParts() {
    return true;
  }

  @Override
  public void loadPart(ByteString part) throws IncomingVmException {
    arrival.loadPart(part);
  }

  @Override
  public void loadDeviceState(ByteString arrived, long clockOffsetNanos)
      throws IncomingVmException {
    arrival.load(arrived);
  }

  /** The control loop sees at the monitor when QEMU has loaded the state. */
  @Override
  public @Nullable Loading beginLoading(ByteString arrived, long clockOffsetNanos)
      throws IncomingVmException {
    return arrival.begin(arrived);
  }

  /** Tries until QEMU starts it or ends. A guest that was paused at the source stays paused. */
  @Override
  public void start(FirstInstruction onFirstInstruction) {
    arrival.start(onFirstInstruction);
  }

  @Override
  public @Nullable String ended() {
    return guest.process().isExiting() ? "QEMU, " + guest.process() + ", has ended" : null;
  }

  /** Kills QEMU. */
  @Override
  public void abandon() {
    var _ = guest.process().sendSignal(PidFd.SIGKILL);
    if (!guest.process().awaitExit(KILL_MILLIS)) {
      throw new IllegalStateException(guest.process() + " does not end although it was killed");
    }
  }

  /** Whether the guest stays paused here, as its user had paused it at the source. */
  public boolean isPaused() {
    return arrival.isPaused();
  }

  /** What another process needs to find this guest again. */
  public RunningQemu identity(Path monitor) {
    Path ram = Objects.requireNonNull(guest.ram().backing().path(), "RAM in no file");
    return RunningQemu.of(guest.process().pid(), monitor, ram);
  }

  /** The RAM, for a check of its contents once all of it is there. */
  public MemoryRegion ram() {
    return guest.ram();
  }

  /** QEMU continues. */
  @Override
  public void close() {
    arrival.close();
    guest.close();
  }
}
