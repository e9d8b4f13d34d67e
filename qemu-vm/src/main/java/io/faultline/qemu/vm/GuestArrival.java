package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.dest.IncomingVm.FirstInstruction;
import io.faultline.dest.IncomingVm.Loading;
import io.faultline.dest.IncomingVmException;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.IncomingDeviceState;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Loads the state of a guest into QEMU and starts the guest, over QEMU's monitor: what the guest
 * waits for at the destination.
 *
 * <p>A thread of its own waits until QEMU has started the VM: QEMU may touch guest memory before it
 * replies, and the thread that starts the VM is the one that would fetch it. {@link #close} ends
 * that, and a state that is being loaded. Used by one thread at a time, except {@link #close}.
 */
final class GuestArrival implements AutoCloseable {
  private final QmpConnection monitor;
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

  /**
   * @param process QEMU
   * @param log gets a line if QEMU does not start the VM
   */
  GuestArrival(PidFd process, QmpConnection monitor, Consumer<String> log) {
    this.monitor = monitor;
    start = new VmStart(process, monitor.socket(), monitor, log);
    waiting.execute(() -> {}); // starts the thread, for which the guest would wait
  }

  /**
   * Prepares QEMU for a state, instead of that of an attempt before. Not after the close, which
   * would not see it.
   *
   * @throws IOException if QEMU refuses
   */
  synchronized void open() throws IOException, InterruptedException {
    if (closed) {
      throw new IOException("the node ends");
    }
    closeState();
    IncomingDeviceState opened = IncomingDeviceState.open(monitor);
    state = opened;
    loadingByQemu = new QemuLoading(monitor, opened);
  }

  private synchronized void closeState() {
    IncomingDeviceState open = state;
    if (open != null) {
      open.close();
    }
  }

  private IncomingDeviceState opened() {
    return Objects.requireNonNull(state, "not prepared");
  }

  /** Gives QEMU the next part of the state. */
  void loadPart(ByteString part) throws IncomingVmException {
    try {
      opened().add(part.toByteArray());
    } catch (IOException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Loads the rest of the state, and waits until it is loaded. */
  void load(ByteString arrived) throws IncomingVmException {
    IncomingDeviceState into = opened();
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

  /**
   * Ends the state, if all of it is with QEMU.
   *
   * @return at the monitor; null if {@link #load} must wait
   */
  @Nullable Loading begin(ByteString arrived) throws IncomingVmException {
    IncomingDeviceState into = opened();
    GuestState decoded = decode(arrived);
    if (!decoded.ofDevices().isEmpty() || !into.end()) {
      return null;
    }
    running = decoded.running();
    return loadingByQemu;
  }

  private static IncomingVmException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IncomingVmException("interrupted while QEMU loaded its state", e);
  }

  private static GuestState decode(ByteString state) throws IncomingVmException {
    try {
      return GuestState.decode(state);
    } catch (IllegalArgumentException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Tries until QEMU starts it or ends. A guest that was paused at the source stays paused. */
  void start(FirstInstruction onFirstInstruction) {
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

  /** Whether the guest stays paused here, as its user had paused it at the source. */
  boolean isPaused() {
    return !running;
  }

  @Override
  public void close() {
    loading.close();
    var _ = waiting.shutdownNow();
    waiting.close();
    synchronized (this) {
      closed = true;
      closeState();
    }
  }
}
