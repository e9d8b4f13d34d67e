package io.faultline.qemu.state;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.DescriptorPair;
import java.io.IOException;

/**
 * A socket without an address between this process and a QEMU, which has the other end under a
 * name: so it need not reach a directory of ours. Used by the thread of the monitor.
 */
final class StateSocket implements AutoCloseable {
  private static final String NAME = "faultline-state";

  private final QmpConnection monitor;
  private final DescriptorConnection connection;
  private boolean taken;

  private StateSocket(QmpConnection monitor, DescriptorConnection connection) {
    this.monitor = monitor;
    this.connection = connection;
  }

  /**
   * Hands the other end to QEMU, instead of one that it has not used.
   *
   * @throws IOException if QEMU refuses
   */
  static StateSocket open(QmpConnection monitor) throws IOException, InterruptedException {
    DescriptorPair ends = DescriptorPair.open();
    try {
      monitor.sendDescriptor(NAME, ends.other().fd());
      ends.other().close();
      return new StateSocket(monitor, ends.one());
    } catch (IOException | InterruptedException | RuntimeException e) {
      ends.close();
      throw e;
    }
  }

  /**
   * Executes {@code migrate} or {@code migrate-incoming}, which take QEMU's end.
   *
   * @throws IOException if QEMU refuses
   */
  void start(String command) throws IOException, InterruptedException {
    post(command);
    awaitStart(command);
  }

  /** The first half of {@link #start}, for a thread that must not wait. */
  void post(String command) throws IOException, InterruptedException {
    monitor.post(command, QmpConnection.arguments().put("uri", "fd:" + NAME));
  }

  /**
   * The second half of {@link #start}, before anything else is done with the monitor.
   *
   * @throws IOException if QEMU refuses
   */
  void awaitStart(String command) throws IOException, InterruptedException {
    var _ = monitor.reply(command);
    taken = true;
  }

  /**
   * As {@link #awaitStart}, but does not wait.
   *
   * @return whether QEMU has taken its end
   */
  boolean hasStarted(String command) throws IOException, InterruptedException {
    taken = taken || monitor.hasReply(command);
    return taken;
  }

  /** Closes QEMU's end if it was handed over and not used, perhaps by a node that was killed. */
  static void closeLeft(QmpConnection monitor) throws IOException, InterruptedException {
    monitor.closeDescriptor(NAME);
  }

  DescriptorConnection connection() {
    return connection;
  }

  /** QEMU closes its end, too, if it was not used. */
  @Override
  public void close() {
    connection.close();
    if (taken) {
      return;
    }
    try {
      closeLeft(monitor);
    } catch (IOException e) {
      // QEMU has ended
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
