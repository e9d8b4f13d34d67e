package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.IncomingDeviceState;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A QEMU that waits for its guest ({@code -incoming defer -S}), as an incoming migration sees it.
 *
 * <p>A thread of its own waits until QEMU has started the VM: QEMU may touch guest memory before it
 * replies, and the thread that starts the VM is the one that would fetch it. {@link #close} ends
 * that, and a device state that is being loaded.
 *
 * <p>Used by one thread at a time, as {@link IncomingVm} is.
 */
public final class QemuDestination implements IncomingVm, AutoCloseable {
  private static final int KILL_MILLIS = 10_000;

  private final QemuGuest guest;
  private final VmStart start;
  private final InterruptibleCall loading = new InterruptibleCall();
  private final ExecutorService waiting =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("qemu-monitor").factory());

  /** Whether the guest ran at the source; decided when its state is loaded. */
  private volatile boolean running = true;

  private @Nullable IncomingDeviceState state;

  /** Of that state. Made beforehand: else the guest would wait until its class is loaded. */
  private @Nullable QemuLoading loadingByQemu;

  private boolean closed;

  private QemuDestination(QemuGuest guest, Consumer<String> log) {
    this.guest = guest;
    QmpConnection monitor = guest.monitor();
    start = new VmStart(guest.process(), monitor.socket(), monitor, log);
    waiting.execute(() -> {}); // starts the thread, for which the guest would wait
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
      openState();
    } catch (IOException e) {
      throw new IncomingVmException("QEMU: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncomingVmException("interrupted while QEMU was prepared", e);
    }
    return List.of(ram);
  }

  /** Instead of that of an attempt before. Not after the close, which would not see it. */
  private synchronized void openState() throws IOException, InterruptedException {
    if (closed) {
      throw new IOException("the node ends");
    }
    closeState();
    IncomingDeviceState opened = IncomingDeviceState.open(guest.monitor());
    state = opened;
    loadingByQemu = new QemuLoading(guest.monitor(), opened);
  }

  private synchronized void closeState() {
    IncomingDeviceState open = state;
    if (open != null) {
      open.close();
    }
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
    IncomingDeviceState into = Objects.requireNonNull(state, "not prepared");
    try {
      into.add(part.toByteArray());
    } catch (IOException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IncomingVmException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IncomingVmException("interrupted while QEMU loaded its state", e);
  }

  @Override
  public void loadDeviceState(ByteString arrived, long clockOffsetNanos)
      throws IncomingVmException {
    IncomingDeviceState into = Objects.requireNonNull(state, "not prepared");
    GuestState decoded = decode(arrived);
    running = decoded.running();
    byte[] ofDevices = decoded.ofDevices().toByteArray();
    try {
      loading.begin();
      try {
        into.load(ofDevices);
      } finally {
        loading.end();
      }
    } catch (IOException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    } catch (RejectedExecutionException e) {
      throw new IncomingVmException("the node ends", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** The control loop sees at the monitor when QEMU has loaded the state. */
  @Override
  public @Nullable Loading beginLoading(ByteString arrived, long clockOffsetNanos)
      throws IncomingVmException {
    IncomingDeviceState into = Objects.requireNonNull(state, "not prepared");
    GuestState decoded = decode(arrived);
    if (!decoded.ofDevices().isEmpty() || !into.end()) {
      return null;
    }
    running = decoded.running();
    return loadingByQemu;
  }

  private static GuestState decode(ByteString state) throws IncomingVmException {
    try {
      return GuestState.decode(state);
    } catch (IllegalArgumentException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Tries until QEMU starts it or ends. A guest that was paused at the source stays paused. */
  @Override
  public void start(FirstInstruction onFirstInstruction) {
    if (!running) {
      onFirstInstruction.ran(System.nanoTime());
      return;
    }
    try {
      start.ask();
    } catch (InterruptedException e) {
      throw MonitorCalls.interrupted(e);
    }
    waiting.execute(() -> awaitStart(onFirstInstruction));
  }

  private void awaitStart(FirstInstruction onFirstInstruction) {
    try {
      start.await(onFirstInstruction);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
    return !running;
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
    loading.close();
    var _ = waiting.shutdownNow();
    waiting.close();
    synchronized (this) {
      closed = true;
      closeState();
    }
    guest.close();
  }
}
