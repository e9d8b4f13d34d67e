package io.faultline.paging;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A store in the heap, which can fail, be slow, or end early. Thread-safe as a pager uses it. */
final class MemoryStore implements PageStore {
  final byte[] bytes;
  final AtomicLong syncs = new AtomicLong();
  volatile @Nullable String readError;
  volatile @Nullable String writeError;

  /** Writes at or after this offset fail, as on a full disk. */
  volatile long fullAt = Long.MAX_VALUE;

  volatile long delayMillis;

  volatile boolean readOnly;

  /** Thrown by reads and writes, as by a defect of a store. */
  volatile @Nullable Error defect;

  /** Called by each write before it has any effect. */
  volatile Runnable beforeWrite = () -> {};

  MemoryStore(long size) {
    bytes = new byte[Math.toIntExact(size)];
  }

  @Override
  public long read(long offset, MemorySegment to, long toOffset, long lengthBytes)
      throws IOException {
    pause();
    String error = readError;
    if (error != null) {
      throw new IOException(error);
    }
    int length = (int) Math.clamp(bytes.length - offset, 0, lengthBytes);
    MemorySegment.copy(bytes, (int) offset, to, JAVA_BYTE, toOffset, length);
    return length;
  }

  @Override
  public void write(long offset, MemorySegment from, long fromOffset, long lengthBytes)
      throws IOException {
    pause();
    beforeWrite.run();
    String error = writeError;
    if (error != null || offset + lengthBytes > fullAt) {
      throw new IOException(error == null ? "no space left" : error);
    }
    MemorySegment.copy(
        from, JAVA_BYTE, fromOffset, bytes, Math.toIntExact(offset), Math.toIntExact(lengthBytes));
  }

  @Override
  public void discard(long offset, long lengthBytes) {
    int end = (int) Math.min(bytes.length, offset + lengthBytes);
    Arrays.fill(bytes, (int) offset, end, (byte) 0);
  }

  @Override
  public void sync() {
    syncs.incrementAndGet();
  }

  @Override
  public int alignment() {
    return 1;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  private void pause() {
    Error error = defect;
    if (error != null) {
      throw error;
    }
    if (delayMillis > 0) {
      try {
        Thread.sleep(delayMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
