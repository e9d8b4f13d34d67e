package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.DeviceState;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A QEMU that waits for its guest ({@code -incoming defer -S}), as an incoming migration sees it.
 *
 * <p>The device state is loaded, and {@code cont} runs, on a thread of its own: QEMU may touch
 * guest memory before it replies, and the thread that starts the VM is the one that would fetch it.
 * {@link #close} ends what is under way there.
 *
 * <p>Used by one thread at a time, as {@link IncomingVm} is.
 */
public final class QemuDestination implements IncomingVm, AutoCloseable {
  private static final int KILL_MILLIS = 10_000;
  private static final long RETRY_MILLIS = 1000;

  private final QemuGuest guest;
  private final Path directory;
  private final Consumer<String> log;
  private final ExecutorService waiting =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("qemu-monitor").factory());

  /** Whether the guest ran at the source; decided when its state is loaded. */
  private volatile boolean running = true;

  private QemuDestination(QemuGuest guest, Path directory, Consumer<String> log) {
    this.guest = guest;
    this.directory = directory;
    this.log = log;
  }

  /**
   * Takes a QEMU that waits.
   *
   * @param monitor stays the caller's, and is used from here on
   * @param directory for a socket; a short path
   * @param log gets a line if something stays open in QEMU, and if it does not start the VM
   * @throws IOException if it does not wait, or no guest can be moved to it; the message is for the
   *     user
   */
  public static QemuDestination of(
      LinuxKernel kernel, QmpConnection monitor, Path directory, Consumer<String> log)
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
    return new QemuDestination(QemuGuest.of(kernel, monitor, log), directory, log);
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
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    GuestState decoded = decode(state);
    running = decoded.running();
    Callable<Boolean> load =
        () -> {
          DeviceState.load(guest.monitor(), directory, decoded.ofDevices().toByteArray());
          return true;
        };
    try {
      var _ = waiting.submit(load).get();
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new IncomingVmException(String.valueOf(cause.getMessage()), cause);
    } catch (RejectedExecutionException e) {
      throw new IncomingVmException("the node ends", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncomingVmException("interrupted while QEMU loaded its state", e);
    }
  }

  private static GuestState decode(ByteString state) throws IncomingVmException {
    try {
      return GuestState.decode(state);
    } catch (IllegalArgumentException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * From now on the VM is here and nowhere else: so this tries until QEMU starts it or ends.
   * Another process may hold the lock of a disk's image still, and QEMU may wait for a page for
   * long. A guest that was paused at the source stays paused.
   */
  @Override
  public void start(FirstInstruction onFirstInstruction) {
    waiting.execute(
        () -> {
          try {
            startVm(onFirstInstruction);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void startVm(FirstInstruction onFirstInstruction) throws InterruptedException {
    if (!running) {
      onFirstInstruction.ran(System.nanoTime());
      return;
    }
    String last = "";
    while (!guest.process().hasExited()) {
      try {
        var _ = guest.monitor().execute("cont");
        onFirstInstruction.ran(System.nanoTime());
        return;
      } catch (IOException e) {
        String why = String.valueOf(e.getMessage());
        if (!why.equals(last)) {
          log.accept("QEMU does not start the VM, and is asked again: " + why);
        }
        last = why;
        Thread.sleep(RETRY_MILLIS);
      }
    }
  }

  @Override
  public @Nullable String ended() {
    return guest.process().hasExited() ? "QEMU, " + guest.process() + ", has ended" : null;
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

  /** The RAM, for a check of its contents once all of it is there. */
  public MemoryRegion ram() {
    return guest.ram();
  }

  /** QEMU continues. */
  @Override
  public void close() {
    var _ = waiting.shutdownNow();
    waiting.close();
    guest.close();
  }
}
