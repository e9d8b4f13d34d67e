package io.faultline.qemu.qmp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The bytes of a connection to a monitor, in both directions. Used by one thread at a time. */
final class MonitorSocket implements AutoCloseable {
  /** How soon a waiting thread sees that it was interrupted. */
  private static final int POLL_MILLIS = 100;

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int BUFFER_BYTES = 64 << 10;

  private final DescriptorConnection connection;
  private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES);
  private final byte[] received = new byte[BUFFER_BYTES];
  private boolean ended;

  MonitorSocket(DescriptorConnection connection) {
    this.connection = connection;
  }

  int descriptor() {
    return connection.fd();
  }

  /** The id of the peer's process, in the pid namespace of this process. */
  int peerPid() {
    return connection.peerPid();
  }

  /** Whether the peer has closed it, as a call has found. */
  boolean isEnded() {
    return ended;
  }

  /**
   * Sends text, and descriptors with it.
   *
   * @param deadline of {@link System#nanoTime}
   */
  void send(String text, long deadline, int... descriptors)
      throws IOException, InterruptedException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(JAVA_BYTE, bytes);
      int sent = 0;
      while (sent < bytes.length) {
        int[] with = sent == 0 ? descriptors : new int[0];
        int result = connection.send(memory.address() + sent, bytes.length - sent, with);
        if (result == DescriptorConnection.END) {
          ended = true;
          throw closed();
        }
        sent += result;
        if (result == DescriptorConnection.WOULD_BLOCK) {
          checkTime(deadline);
          var _ = connection.awaitWritable(POLL_MILLIS);
        }
      }
    } catch (SystemCallException e) {
      throw new IOException("cannot write to QEMU's monitor: " + e.getMessage(), e);
    }
  }

  private static void checkTime(long deadline) throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (System.nanoTime() - deadline >= 0) {
      throw new IOException("QEMU does not read commands from its monitor");
    }
  }

  /**
   * Reads what is there.
   *
   * @return false if that is nothing
   * @throws IOException if the peer has closed it, or sends what is no monitor's
   */
  boolean read(MessageLines into) throws IOException {
    if (ended) {
      throw closed();
    }
    try {
      int count = connection.read(buffer.address(), BUFFER_BYTES);
      if (count == DescriptorConnection.END) {
        ended = true;
        throw closed();
      }
      MemorySegment.copy(buffer, JAVA_BYTE, 0, received, 0, count);
      into.add(received, count);
      return count > 0;
    } catch (SystemCallException e) {
      throw new IOException("cannot read from QEMU's monitor: " + e.getMessage(), e);
    }
  }

  /** Waits until there is something to read, here or beside; not long, so that the caller looks. */
  void awaitReadable(@Nullable DescriptorConnection beside, long nanos) {
    int millis = (int) Math.min(POLL_MILLIS, nanos / NANOS_PER_MILLI + 1);
    var _ =
        beside == null
            ? connection.awaitReadable(millis)
            : connection.awaitReadable(beside, millis);
  }

  private static IOException closed() {
    return new IOException("QEMU has closed its monitor");
  }

  @Override
  public void close() {
    connection.close();
  }
}
