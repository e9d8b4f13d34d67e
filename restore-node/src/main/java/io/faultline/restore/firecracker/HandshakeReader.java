package io.faultline.restore.firecracker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.ReceivedDescriptors;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a handshake, in however many parts it comes: until its JSON is complete and there is a
 * descriptor, for a limited time. Confined to one thread.
 */
final class HandshakeReader implements AutoCloseable {
  private static final int MAX_BYTES = 64 << 10;
  private static final int POLL_MILLIS = 100;
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int NONE = -1;

  private final DescriptorConnection connection;
  private final long fileBytes;
  private final BooleanSupplier ended;
  private final Runnable userfaultfdReceived;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private int descriptor = NONE;

  /**
   * @param fileBytes the length of the memory file
   * @param ended whether nobody is waited for any more
   * @param userfaultfdReceived called once the peer depends on this process
   */
  HandshakeReader(
      DescriptorConnection connection,
      long fileBytes,
      BooleanSupplier ended,
      Runnable userfaultfdReceived) {
    this.connection = connection;
    this.fileBytes = fileBytes;
    this.ended = ended;
    this.userfaultfdReceived = userfaultfdReceived;
  }

  private boolean hasDescriptor() {
    return descriptor != NONE;
  }

  /** Whether the peer has handed over a userfaultfd, and so waits for its memory. */
  boolean hasUserfaultfd() {
    return hasDescriptor() && FileDescriptors.describe(descriptor).contains("[userfaultfd]");
  }

  /**
   * Reads it.
   *
   * @return null if the peer has closed the connection before it sent anything, or if this process
   *     ends
   * @throws RefusedException if it is not a Firecracker's, or not for this file
   */
  @Nullable Handshake read() throws RefusedException {
    long start = System.nanoTime();
    GuestRegions regions = null;
    while (!ended.getAsBoolean()) {
      if (regions != null && hasDescriptor()) {
        Handshake complete = new Handshake(descriptor, text.toString(UTF_8), regions);
        descriptor = NONE;
        return complete;
      }
      if (System.nanoTime() - start > LIMIT_NANOS) {
        throw incomplete("after 5 s", regions);
      }
      int read = receive();
      if (read == DescriptorConnection.END) {
        if (text.size() == 0) {
          return null;
        }
        throw incomplete("at the end of the connection", regions);
      }
      if (read == DescriptorConnection.WOULD_BLOCK) {
        connection.awaitReadable(POLL_MILLIS);
      } else {
        regions = HandshakeParser.parse(text.toString(UTF_8), fileBytes);
      }
    }
    return null;
  }

  private RefusedException incomplete(String when, @Nullable GuestRegions regions) {
    return new RefusedException(
        regions == null
            ? "its message is not complete " + when + ", with " + text.size() + " bytes"
            : "its message came without a descriptor: send the userfaultfd with SCM_RIGHTS");
  }

  private int receive() throws RefusedException {
    try (Arena arena = Arena.ofConfined();
        ReceivedDescriptors received = new ReceivedDescriptors()) {
      MemorySegment buffer = arena.allocate(MAX_BYTES);
      int read = connection.receive(buffer.address(), MAX_BYTES, received);
      if (read > 0) {
        take(received);
        text.writeBytes(buffer.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE));
        if (text.size() > MAX_BYTES) {
          throw new RefusedException("its message has more than " + MAX_BYTES + " bytes");
        }
      }
      return read;
    }
  }

  private void take(ReceivedDescriptors received) throws RefusedException {
    if (received.isTruncated()) {
      throw new RefusedException(
          "more than two descriptors: this is the protocol of Firecracker's secret-free branch,"
              + " which is not supported; use a release of Firecracker");
    }
    if (received.count() == 2) {
      throw new RefusedException(
          "two descriptors: this is the protocol of the pager; connect to the socket of"
              + " ./faultline pager");
    }
    if (received.count() == 1 && hasDescriptor()) {
      throw new RefusedException("a second message with a descriptor: Firecracker sends one");
    }
    if (received.count() == 1) {
      descriptor = received.take();
      if (hasUserfaultfd()) {
        userfaultfdReceived.run();
      }
    }
  }

  /** Closes a descriptor that no handshake has. */
  @Override
  public void close() {
    if (hasDescriptor()) {
      FileDescriptors.close(descriptor);
    }
  }
}
