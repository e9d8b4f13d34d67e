package io.faultline.demo.simulated;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.paging.PageStore;
import io.faultline.paging.PagedAccess;
import io.faultline.paging.PagedReader;
import io.faultline.paging.PagedRegion;
import io.faultline.paging.Pager;
import io.faultline.paging.PagerOptions;
import io.faultline.paging.PagerStats;
import io.faultline.paging.store.FileStore;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The RAM of a VM in a file, of which a buffer is in memory. What the file has is useless once this
 * is closed: nothing is flushed. Thread-safe, except {@link #close}.
 */
public final class PagedRam implements AutoCloseable {
  private final Pager pager;
  private final PagedRegion region;
  private final MemoryRegion memory;
  private final LongAdder pagesFromStore = new LongAdder();
  private boolean closed;

  private final Runnable closeStore;

  private PagedRam(Kernel kernel, Pager pager, PagedRegion region, Runnable closeStore) {
    this.closeStore = closeStore;
    this.pager = pager;
    this.region = region;
    ThreadLocal<PagedReader> readers = ThreadLocal.withInitial(region::reader);
    this.memory =
        MemoryRegion.copied(
            kernel,
            0,
            "ram",
            region.address(),
            region.lengthBytes(),
            (offset, to, toOffset, length) -> copy(readers.get(), offset, to, toOffset, length));
  }

  /**
   * Creates RAM of zeros.
   *
   * @param directory for its file, which has no name there and is gone with this process
   * @param errors receives what fails in the threads of the pager
   * @throws IOException if the file cannot be created
   * @throws IllegalArgumentException if the buffer is too small
   * @throws io.faultline.uffd.SystemCallException if the kernel cannot page
   */
  public static PagedRam create(
      Kernel kernel, Path directory, long ramBytes, long bufferBytes, Consumer<String> errors)
      throws IOException {
    FileStore store = createStore(directory, ramBytes);
    try {
      return over(kernel, store, ramBytes, bufferBytes, errors, store::close);
    } catch (RuntimeException | Error e) {
      store.close();
      throw e;
    }
  }

  /** RAM in any store of zeros; otherwise as {@link #create}. */
  static PagedRam over(
      Kernel kernel,
      PageStore store,
      long ramBytes,
      long bufferBytes,
      Consumer<String> errors,
      Runnable closeStore) {
    Pager pager = Pager.open(kernel, PagerOptions.of(bufferBytes));
    try {
      PagedRegion region = pager.map(store, ramBytes);
      region.onError(error -> errors.accept(error.message()));
      return new PagedRam(kernel, pager, region, closeStore);
    } catch (RuntimeException | Error e) {
      pager.close();
      throw e;
    }
  }

  private static FileStore createStore(Path directory, long bytes) throws IOException {
    Path file = Files.createTempFile(directory, "faultline-ram", null);
    try {
      return FileStore.open(file, bytes);
    } finally {
      Files.delete(file);
    }
  }

  private void copy(PagedReader reader, long offset, MemorySegment to, long toOffset, long length) {
    long before = reader.pagesFromStore();
    try {
      reader.read(offset, to, toOffset, length);
    } finally {
      pagesFromStore.add(reader.pagesFromStore() - before);
    }
  }

  PagedRegion region() {
    return region;
  }

  /** The RAM as a migration reads it. */
  MemoryRegion memory() {
    return memory;
  }

  /**
   * What the pager logs. One at a time.
   *
   * @param flush lets each vCPU give up its pins before its next operation
   * @param stopped whether no vCPU can run
   */
  DirtyLog dirtyLog(Runnable flush, BooleanSupplier stopped) {
    return new PagerDirtyLog(memory, region, flush, stopped);
  }

  /** Copies RAM to memory of any kind, through the buffer. */
  void read(long offset, MemorySegment to) {
    try (PagedAccess access = region.access()) {
      access.read(offset, to, 0, to.byteSize());
    }
  }

  public long pageBytes() {
    return memory.basePageBytes();
  }

  public PagerStats stats() {
    return pager.stats();
  }

  /** The number of pages that a migration has read from the file so far. */
  public long pagesFromStore() {
    return pagesFromStore.sum();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      region.abandon();
      pager.close();
      closeStore.run();
    }
  }
}
