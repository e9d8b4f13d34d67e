package io.faultline.paging.store;

import io.faultline.paging.PageStore;
import io.faultline.paging.PagingException;
import io.faultline.uffd.linux.DirectFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A file or block device, read and written past the page cache (O_DIRECT) where its file system
 * can, so that pages are not kept twice. Ranges that were never written are holes. It is locked
 * (flock(2)) while it is open: two pagers on one file would overwrite each other's pages. Files
 * that are open for reading alone may be shared.
 *
 * <p>Thread-safe, except {@link #close}.
 */
public final class FileStore implements PageStore, AutoCloseable {
  private final DirectFile file;
  private final long sizeBytes;
  private final boolean readOnly;

  private FileStore(DirectFile file, boolean readOnly) {
    this.file = file;
    this.readOnly = readOnly;
    this.sizeBytes = StoreFile.sizeBytes(file);
  }

  /**
   * Opens a file as it is.
   *
   * @throws PagingException if there is none, it cannot be opened, or another pager uses it
   */
  public static FileStore open(Path path) {
    return new FileStore(StoreFile.open(path), false);
  }

  /**
   * Opens a file, or creates it, and enlarges it to a size; the new part is a hole.
   *
   * @throws PagingException if it cannot be opened, or another pager uses it
   * @throws IOException if it cannot have that size
   */
  public static FileStore open(Path path, long sizeBytes) throws IOException {
    DirectFile file = StoreFile.create(path);
    long present = StoreFile.sizeBytes(file);
    try {
      if (present < sizeBytes) {
        file.setSize(sizeBytes);
      }
      return new FileStore(file, false);
    } catch (IOException e) {
      file.close();
      throw new IOException(
          path + " of " + present + " bytes cannot have " + sizeBytes + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens a file for regions that are mapped read-only, and for {@link DeltaStore}.
   *
   * @throws PagingException if there is none, it cannot be opened, or a pager writes to it
   */
  public static FileStore openReadOnly(Path path) {
    return new FileStore(StoreFile.openReadOnly(path), true);
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
    StoreFile.clear(file, offset, lengthBytes);
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  @Override
  public int alignment() {
    return StoreFile.PAGE_BYTES;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
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
