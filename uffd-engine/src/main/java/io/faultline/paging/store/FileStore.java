package io.faultline.paging.store;

import io.faultline.paging.PageStore;
import io.faultline.paging.PagingException;
import io.faultline.uffd.linux.DirectFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A file, read and written past the page cache (O_DIRECT) where its file system can, so that pages
 * are not kept twice. Ranges that were never written are holes. It is locked (flock(2)) while it is
 * open: two pagers on one file would overwrite each other's pages.
 *
 * <p>Thread-safe, except {@link #close}.
 */
public final class FileStore implements PageStore, AutoCloseable {
  private static final int PAGE_BYTES = 4096;

  private final DirectFile file;
  private final long sizeBytes;

  private FileStore(DirectFile file, long sizeBytes) {
    this.file = file;
    this.sizeBytes = sizeBytes;
  }

  /**
   * Opens a file as it is. A region may reach beyond its end by less than a page.
   *
   * @throws PagingException if another pager uses it
   */
  public static FileStore open(Path path) {
    DirectFile file = lock(path);
    return new FileStore(file, file.sizeBytes());
  }

  /**
   * Opens a file, or creates it, and enlarges it to a size; the new part is a hole.
   *
   * @throws PagingException if another pager uses it
   * @throws IOException if it cannot have that size
   */
  public static FileStore open(Path path, long sizeBytes) throws IOException {
    DirectFile file = lock(path);
    try {
      if (file.sizeBytes() < sizeBytes) {
        file.setSize(sizeBytes);
      }
      return new FileStore(file, file.sizeBytes());
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static DirectFile lock(Path path) {
    DirectFile file = DirectFile.open(path, PAGE_BYTES);
    if (!file.tryLock()) {
      file.close();
      throw new PagingException(
          path + " is in use by another pager: close that one, or use a file of its own");
    }
    return file;
  }

  /** Whether pages bypass the page cache. */
  public boolean isDirect() {
    return file.isDirect();
  }

  @Override
  public long read(long offset, MemorySegment to, long toOffset, long lengthBytes)
      throws IOException {
    Objects.checkFromIndexSize(toOffset, lengthBytes, to.byteSize());
    return file.read(offset, to.address() + toOffset, lengthBytes);
  }

  @Override
  public void write(long offset, MemorySegment from, long fromOffset, long lengthBytes)
      throws IOException {
    Objects.checkFromIndexSize(fromOffset, lengthBytes, from.byteSize());
    file.write(offset, from.address() + fromOffset, lengthBytes);
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    file.punchHole(offset, lengthBytes);
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public int alignment() {
    return PAGE_BYTES;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public void close() {
    file.close();
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
