package io.faultline.pager;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.ReceivedDescriptors;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The socket of a client: lines, and the descriptors that come with the first one. Confined to one
 * thread, except {@link #close}.
 */
final class ClientSocket implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int POLL_MILLIS = 200;
  private static final byte LINE_END = '\n';

  private final DescriptorConnection connection;
  private final BooleanSupplier ended;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES);
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int at;
  private int end;

  /**
   * @param ended whether the pager ends, so that no client is waited for
   */
  ClientSocket(DescriptorConnection connection, BooleanSupplier ended) {
    this.connection = connection;
    this.ended = ended;
  }

  /**
   * Receives the first bytes, with the descriptors that came with them.
   *
   * @return false if the client has closed the connection, or the pager ends
   */
  boolean receiveFirst(ReceivedDescriptors descriptors) {
    return receive(descriptors);
  }

  private boolean receive(@Nullable ReceivedDescriptors descriptors) {
    while (!ended.getAsBoolean()) {
      int read =
          descriptors == null
              ? connection.read(buffer.address(), BUFFER_BYTES)
              : connection.receive(buffer.address(), BUFFER_BYTES, descriptors);
      if (read == DescriptorConnection.END) {
        return false;
      }
      if (read != DescriptorConnection.WOULD_BLOCK) {
        at = 0;
        end = read;
        return true;
      }
      connection.awaitReadable(POLL_MILLIS);
    }
    return false;
  }

  /**
   * The next line, without its end. A line that is too long is read to its end and refused.
   *
   * @return null if the client has closed the connection, or the pager ends
   * @throws RefusedException if the line has more bytes than permitted
   */
  @Nullable String readLine(int maxBytes) throws RefusedException {
    long length = 0;
    line.reset();
    while (at < end || receive(null)) {
      byte next = buffer.get(ValueLayout.JAVA_BYTE, at++);
      if (next == LINE_END) {
        if (length > maxBytes) {
          throw new RefusedException("a line of " + length + " bytes: at most " + maxBytes);
        }
        return line.toString(UTF_8);
      }
      if (++length <= maxBytes) {
        line.write(next);
      }
    }
    return null;
  }

  /**
   * Sends a line, and waits while the client does not read.
   *
   * @return false if the client has closed the connection, or the pager ends
   */
  boolean send(String text) {
    try (Arena once = Arena.ofConfined()) {
      byte[] bytes = text.getBytes(UTF_8);
      MemorySegment memory = once.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      int sent = 0;
      while (sent < bytes.length) {
        int result = connection.send(memory.address() + sent, bytes.length - sent);
        if (result == DescriptorConnection.END) {
          return false;
        }
        if (result == DescriptorConnection.WOULD_BLOCK) {
          if (ended.getAsBoolean()) {
            return false;
          }
          connection.awaitWritable(POLL_MILLIS);
        } else {
          sent += result;
        }
      }
    }
    return true;
  }

  /** The id of the client's process. */
  int peerPid() {
    return connection.peerPid();
  }

  @Override
  public void close() {
    connection.close();
  }
}
