package io.faultline.memory.limits;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A lock file that makes check and promise one step among the processes of a machine. It ends with
 * its process, and contains the id of the process that has it.
 */
final class ReservationLock implements AutoCloseable {
  private static final long RETRY_MILLIS = 5;
  private static final int MAX_ID_BYTES = 32;

  private final FileChannel channel;
  private @Nullable FileLock lock;

  private ReservationLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Waits for the lock for some time; {@link #isHeld} says whether it came. */
  static ReservationLock take(Path file, long mostNanos) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    ReservationLock taken = new ReservationLock(channel);
    try {
      taken.await(mostNanos);
      return taken;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void await(long mostNanos) throws IOException {
    long start = System.nanoTime();
    lock = tryLock();
    while (lock == null && System.nanoTime() - start < mostNanos) {
      try {
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      lock = tryLock();
    }
    if (lock != null) {
      String id = ProcessHandle.current().pid() + "\n";
      channel.truncate(0).write(ByteBuffer.wrap(id.getBytes(StandardCharsets.US_ASCII)), 0);
    }
  }

  private @Nullable FileLock tryLock() throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another class loader of this process has it
    }
  }

  boolean isHeld() {
    return lock != null;
  }

  /** The process that has the lock, for the user. */
  String holder() throws IOException {
    ByteBuffer id = ByteBuffer.allocate(MAX_ID_BYTES);
    channel.read(id, 0);
    String text = new String(id.array(), 0, id.position(), StandardCharsets.US_ASCII).strip();
    return text.isEmpty() ? "another process" : "process " + text;
  }

  @Override
  public void close() throws IOException {
    channel.close(); // and with it the lock
  }
}
