package io.faultline.restore.criu;

import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.ReceivedDescriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Decodes what {@code criu restore --lazy-pages} sends, one message per task of the tree and one at
 * the end. All numbers are little-endian.
 *
 * <pre>
 *   living task   int32 pid       1 byte, with exactly one descriptor: the userfaultfd
 *   zombie        int32 -pid
 *   at the end    uint32 0x52535446, "RSTF"
 * </pre>
 *
 * <p>Descriptors travel with a byte of the stream, and a read that goes past it loses them: so
 * exactly 4 bytes are read, then exactly 1.
 *
 * <p>Confined to the session's event loop.
 */
final class RestoreMessages implements AutoCloseable {
  private static final int FINISHED = 0x52535446;
  private static final ValueLayout.OfInt WORD =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final DescriptorConnection connection;
  private final RestoreListener listener;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment word = arena.allocate(WORD);
  private final ReceivedDescriptors descriptors = new ReceivedDescriptors();
  private int wordBytes;

  /** The process whose userfaultfd comes next; 0: a word comes next. */
  private int pid;

  private boolean closed;

  RestoreMessages(DescriptorConnection connection, RestoreListener listener) {
    this.connection = connection;
    this.listener = listener;
  }

  /**
   * Reads all that has arrived. The listener may {@link #close} this, and its connection.
   *
   * @return whether more may come; false at the end of the stream
   * @throws RestoreException if the peer is not a CRIU that restores
   */
  boolean read() throws RestoreException {
    while (!closed) {
      int read = pid == 0 ? readWord() : readDescriptor();
      if (read == DescriptorConnection.WOULD_BLOCK) {
        return true;
      }
      if (read == DescriptorConnection.END) {
        requireWhole();
        return false;
      }
    }
    return true;
  }

  private int readWord() throws RestoreException {
    int read = connection.read(word.address() + wordBytes, (int) WORD.byteSize() - wordBytes);
    if (read > 0) {
      wordBytes += read;
      if (wordBytes == WORD.byteSize()) {
        wordBytes = 0;
        decode(word.get(WORD, 0));
      }
    }
    return read;
  }

  private void decode(int value) throws RestoreException {
    if (value == FINISHED) {
      listener.restored();
    } else if (value == 0 || value == Integer.MIN_VALUE) {
      throw new RestoreException("it sent the process id " + value);
    } else if (value < 0) {
      listener.zombie(-value);
    } else {
      pid = value;
    }
  }

  private int readDescriptor() throws RestoreException {
    int read = connection.receive(word.address(), 1, descriptors);
    if (read > 0) {
      int of = pid;
      pid = 0;
      if (descriptors.count() != 1 || descriptors.isTruncated()) {
        int count = descriptors.count();
        descriptors.close();
        throw new RestoreException(
            (descriptors.isTruncated() ? "more than " + count : String.valueOf(count))
                + " descriptors came with process "
                + of
                + ", not one userfaultfd");
      }
      listener.task(of, descriptors.take());
    }
    return read;
  }

  private void requireWhole() throws RestoreException {
    if (pid != 0 || wordBytes != 0) {
      throw new RestoreException("it ended within a message");
    }
  }

  @Override
  public void close() {
    closed = true;
    descriptors.close();
    arena.close();
  }
}
