package io.faultline.qemu.state;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Writes a device state to a QEMU, part by part, and then the end: closes the connection. Used by
 * one thread at a time.
 */
final class StateWriter implements AutoCloseable {
  private static final int BUFFER_BYTES = 32 << 10;

  /** How soon a waiting thread sees that it was interrupted. */
  private static final int POLL_MILLIS = 100;

  private final DescriptorConnection connection;

  /** Through which parts go that the socket takes at once: to allocate others takes longer. */
  private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES);

  /** What was not written. */
  private final Deque<MemorySegment> left = new ArrayDeque<>();

  StateWriter(DescriptorConnection connection) {
    this.connection = connection;
  }

  /**
   * Adds the next part, and writes what the socket takes. If QEMU has closed it, the rest counts as
   * written: it has refused what came first, and says more at the monitor.
   */
  void write(byte[] part) throws IOException {
    writeLeft();
    int written = left.isEmpty() ? writeNow(part) : 0;
    if (written < part.length) {
      left.add(
          Arena.ofAuto().allocateFrom(JAVA_BYTE, Arrays.copyOfRange(part, written, part.length)));
    }
  }

  /** Returns how many bytes the socket has taken. */
  private int writeNow(byte[] part) throws IOException {
    int written = 0;
    while (written < part.length) {
      int bytes = Math.min(BUFFER_BYTES, part.length - written);
      MemorySegment.copy(part, written, buffer, JAVA_BYTE, 0, bytes);
      int count = send(buffer.asSlice(0, bytes));
      if (count == DescriptorConnection.END) {
        return part.length;
      }
      written += count;
      if (count < bytes) {
        break;
      }
    }
    return written;
  }

  /**
   * Writes the rest.
   *
   * @throws IOException if QEMU does not read it
   */
  void writeAll(Duration limit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    for (writeLeft(); !left.isEmpty(); writeLeft()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (System.nanoTime() - deadline >= 0) {
        throw DeviceState.timeout("did not read its device state");
      }
      var _ = connection.awaitWritable(POLL_MILLIS);
    }
  }

  /** Whether the socket has taken all. */
  boolean isWritten() {
    return left.isEmpty();
  }

  private void writeLeft() throws IOException {
    while (!left.isEmpty()) {
      MemorySegment next = left.element();
      int count = send(next);
      if (count == DescriptorConnection.WOULD_BLOCK) {
        return;
      }
      if (count == DescriptorConnection.END) {
        left.clear();
        return;
      }
      left.remove();
      if (count < next.byteSize()) {
        left.addFirst(next.asSlice(count));
      }
    }
  }

  private int send(MemorySegment part) throws IOException {
    try {
      return connection.send(part.address(), (int) part.byteSize());
    } catch (SystemCallException e) {
      throw new IOException("cannot write QEMU's device state: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
