package io.faultline.qemu.state;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** Writes a device state to a QEMU, and then the end: closes the connection. Used by one thread. */
final class StateWriter implements AutoCloseable {
  /** How soon a waiting thread sees that it was interrupted. */
  private static final int POLL_MILLIS = 100;

  private final DescriptorConnection connection;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state;
  private long written;

  StateWriter(DescriptorConnection connection, byte[] state) {
    this.connection = connection;
    this.state = arena.allocateFrom(JAVA_BYTE, state);
  }

  /** Writes what the socket takes. If QEMU has closed it, the rest counts as written. */
  void write() throws IOException {
    while (written < state.byteSize()) {
      int count = writePiece();
      if (count == DescriptorConnection.WOULD_BLOCK) {
        return;
      }
      // At the end QEMU has refused what came first, and says more at the monitor.
      written = count == DescriptorConnection.END ? state.byteSize() : written + count;
    }
  }

  /**
   * Writes the rest.
   *
   * @throws IOException if QEMU does not read it
   */
  void writeAll(Duration limit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    for (write(); written < state.byteSize(); write()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (System.nanoTime() - deadline >= 0) {
        throw DeviceState.timeout("did not read its device state");
      }
      var _ = connection.awaitWritable(POLL_MILLIS);
    }
  }

  private int writePiece() throws IOException {
    try {
      int left = (int) (state.byteSize() - written);
      return connection.send(state.address() + written, left);
    } catch (SystemCallException e) {
      throw new IOException("cannot write QEMU's device state: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    connection.close();
    arena.close();
  }
}
