package io.faultline.paging.store;

import io.faultline.paging.PageStore;
import io.faultline.paging.PagingException;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.DirectFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A directory of files of one size, each made by the first write to its part: for more than the
 * largest file of a file system, or for parts on several disks (by symbolic links). The directory
 * is locked as a file of {@link FileStore} is.
 *
 * <p>Thread-safe, except {@link #close}. Two descriptors are open for each file.
 */
public final class SparseFilesStore implements PageStore, AutoCloseable {
  private final Path directory;
  private final SparseFilesLayout layout;
  private final boolean readOnly;
  private final DirectFile metadata;
  private final AtomicReferenceArray<@Nullable DirectFile> files;

  /** 1 for a file that was changed since the last sync. */
  private final AtomicIntegerArray changed;

  private volatile boolean hasNewFiles;

  private SparseFilesStore(
      Path directory, SparseFilesLayout layout, boolean readOnly, DirectFile metadata) {
    this.directory = directory;
    this.layout = layout;
    this.readOnly = readOnly;
    this.metadata = metadata;
    this.files = new AtomicReferenceArray<>(layout.files());
    this.changed = new AtomicIntegerArray(layout.files());
  }

  /**
   * Opens a store, or creates it and its directory.
   *
   * @param sizeBytes of the store, positive
   * @param fileBytes of each file, a multiple of 4096; there can be 4096 files
   * @throws IllegalArgumentException if the sizes are impossible
   * @throws PagingException if the directory has a store of other sizes, another pager uses it, or
   *     a file is damaged
   * @throws IOException if it cannot be created
   */
  public static SparseFilesStore open(Path directory, long sizeBytes, long fileBytes)
      throws IOException {
    SparseFilesLayout wanted = new SparseFilesLayout(sizeBytes, fileBytes);
    if (!SparseFilesLayout.isIn(directory)) {
      Files.createDirectories(directory);
      wanted.write(directory);
    }
    SparseFilesStore store = open(directory);
    if (!store.layout.equals(wanted)) {
      store.close();
      throw new PagingException(
          directory
              + " has a store of "
              + store.layout.sizeBytes()
              + " bytes in files of "
              + store.layout.fileBytes()
              + ": open it with these sizes, or use another directory");
    }
    return store;
  }

  /**
   * Opens a store that exists.
   *
   * @throws PagingException if there is none, another pager uses it, or a file is damaged
   */
  public static SparseFilesStore open(Path directory) {
    Path file = directory.resolve(SparseFilesLayout.METADATA);
    return open(directory, false, StoreFile.open(file));
  }

  /** As {@link #open(Path)}, for reading; see {@link FileStore#openReadOnly}. */
  public static SparseFilesStore openReadOnly(Path directory) {
    Path file = directory.resolve(SparseFilesLayout.METADATA);
    return open(directory, true, StoreFile.openReadOnly(file));
  }

  private static SparseFilesStore open(Path directory, boolean readOnly, DirectFile metadata) {
    try {
      SparseFilesLayout layout = SparseFilesLayout.read(directory);
      SparseFilesStore store = new SparseFilesStore(directory, layout, readOnly, metadata);
      store.openFiles();
      return store;
    } catch (IOException e) {
      metadata.close();
      throw new PagingException(directory + " cannot be read: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      metadata.close();
      throw e;
    }
  }

  private void openFiles() throws IOException {
    try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
      for (Path name : names) {
        int index = layout.index(name);
        if (index >= 0) {
          files.set(index, openFile(name));
        }
      }
    } catch (IOException | RuntimeException e) {
      closeFiles();
      throw e;
    }
  }

  private DirectFile openFile(Path name) throws IOException {
    DirectFile file =
        readOnly
            ? DirectFile.openReadOnly(name, StoreFile.PAGE_BYTES)
            : DirectFile.openExisting(name, StoreFile.PAGE_BYTES);
    try {
      long size = file.sizeBytes();
      if (size == 0 && !readOnly) { // a crash, just after it was made
        file.setSize(layout.fileBytes());
      } else if (size != 0 && size != layout.fileBytes()) {
        throw new PagingException(
            name + " has " + size + " bytes, not " + layout.fileBytes() + ": it is damaged");
      }
      return file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public long read(long offset, MemorySegment to, long toOffset, long lengthBytes)
      throws IOException {
    Objects.checkFromIndexSize(toOffset, lengthBytes, to.byteSize());
    long length = Math.clamp(layout.sizeBytes() - offset, 0, lengthBytes);
    for (long done = 0; done < length; ) {
      long at = offset + done;
      long part = inFile(at, length - done);
      DirectFile file = files.get(index(at));
      long address = to.address() + toOffset + done;
      long got = file == null ? 0 : file.read(at % layout.fileBytes(), address, part);
      if (got < part) {
        to.asSlice(toOffset + done + got, part - got).fill((byte) 0);
      }
      done += part;
    }
    return length;
  }

  @Override
  public void write(long offset, MemorySegment from, long fromOffset, long lengthBytes)
      throws IOException {
    Objects.checkFromIndexSize(fromOffset, lengthBytes, from.byteSize());
    Objects.checkFromIndexSize(offset, lengthBytes, layout.sizeBytes());
    for (long done = 0; done < lengthBytes; ) {
      long at = offset + done;
      long part = inFile(at, lengthBytes - done);
      DirectFile file = files.get(index(at));
      DirectFile target = file == null ? make(index(at)) : file;
      target.write(at % layout.fileBytes(), from.address() + fromOffset + done, part);
      changed.set(index(at), 1); // after it: a sync that runs meanwhile does not cover it
      done += part;
    }
  }

  private int index(long offset) {
    return (int) (offset / layout.fileBytes());
  }

  private long inFile(long offset, long length) {
    return Math.min(length, layout.fileBytes() - offset % layout.fileBytes());
  }

  private DirectFile make(int index) throws IOException {
    synchronized (files) { // not this: a write must not wait for a sync
      DirectFile present = files.get(index);
      return present == null ? makeNow(index) : present;
    }
  }

  private DirectFile makeNow(int index) throws IOException {
    Path path = SparseFilesLayout.file(directory, index);
    DirectFile file;
    try {
      file = DirectFile.open(path, StoreFile.PAGE_BYTES);
    } catch (SystemCallException e) {
      throw new IOException(path + " cannot be created: " + StoreFile.reason(e.errno()), e);
    }
    try {
      file.setSize(layout.fileBytes());
    } catch (IOException e) {
      file.close();
      throw e;
    }
    files.set(index, file);
    hasNewFiles = true;
    return file;
  }

  @Override
  public void discard(long offset, long lengthBytes) throws IOException {
    long length = Math.clamp(layout.sizeBytes() - offset, 0, lengthBytes);
    for (long done = 0; done < length; ) {
      long at = offset + done;
      long part = inFile(at, length - done);
      DirectFile file = files.get(index(at));
      if (file != null) {
        StoreFile.clear(file, at % layout.fileBytes(), part);
        changed.set(index(at), 1);
      }
      done += part;
    }
  }

  @Override
  public synchronized void sync() throws IOException {
    for (int i = 0; i < files.length(); i++) {
      DirectFile file = files.get(i);
      if (file != null && changed.getAndSet(i, 0) == 1) {
        sync(file, i);
      }
    }
    if (hasNewFiles) {
      hasNewFiles = false;
      syncNames();
    }
  }

  private void syncNames() throws IOException {
    try {
      SparseFilesLayout.syncDirectory(directory);
    } catch (IOException e) {
      hasNewFiles = true;
      throw e;
    }
  }

  private void sync(DirectFile file, int index) throws IOException {
    try {
      file.sync();
    } catch (IOException e) {
      changed.set(index, 1);
      throw e;
    }
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
    return layout.sizeBytes();
  }

  @Override
  public void close() {
    closeFiles();
    metadata.close();
  }

  private void closeFiles() {
    for (int i = 0; i < files.length(); i++) {
      DirectFile file = files.getAndSet(i, null);
      if (file != null) {
        file.close();
      }
    }
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
