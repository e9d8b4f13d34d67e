package io.faultline.demo.simulated;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.GuestAccess;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.UnreadableMemoryException;
import io.faultline.paging.PageStore;
import io.faultline.paging.PagedAccess;
import io.faultline.paging.PagedReader;
import io.faultline.paging.PagedRegion;
import io.faultline.paging.Pager;
import io.faultline.paging.PagerOptions;
import io.faultline.paging.PagerStats;
import io.faultline.paging.PagingException;
import io.faultline.paging.store.FileStore;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MemoryErrorException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The RAM of a VM in a file or another store, of which a buffer is in memory. What the store has is
 * useless once this is closed: nothing is flushed. Thread-safe, except {@link #close}.
 */
public final class PagedRam extends VmRam {
  private final PageStore store;
  private final Pager pager;
  private final PagedRegion region;
  private final MemoryRegion memory;
  private final Runnable closeStore;
  private final LongAdder pagesFromStore = new LongAdder();
  private volatile PagerStats filled;
  private boolean closed;

  private PagedRam(
      Kernel kernel, PageStore store, Pager pager, PagedRegion region, Runnable closeStore) {
    this.store = store;
    this.pager = pager;
    this.region = region;
    this.closeStore = closeStore;
    this.filled = pager.stats();
    ThreadLocal<PagedReader> readers = ThreadLocal.withInitial(region::reader);
    this.memory =
        MemoryRegion.copied(
            kernel,
            REGION_ID,
            REGION_NAME,
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

  /**
   * RAM in any store of zeros; otherwise as {@link #create}.
   *
   * @param closeStore called when the RAM is closed
   */
  public static PagedRam over(
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
      return new PagedRam(kernel, store, pager, region, closeStore);
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
    } catch (PagingException | MemoryErrorException e) {
      throw new UnreadableMemoryException(
          "memory of the VM cannot be read from its store, "
              + store
              + ": "
              + e.getMessage()
              + "; check the disk of the store (dmesg), then start the VM again",
          e);
    } finally {
      pagesFromStore.add(reader.pagesFromStore() - before);
    }
  }

  /** Reads each page where it is: in memory, or in the file, past the buffer. */
  @Override
  MemoryRegion region() {
    return memory;
  }

  @Override
  void fill(RamFill contents) {
    try (PagedAccess access = region.access()) {
      contents.fill(access);
    }
    filled = pager.stats();
  }

  @Override
  VcpuMemory open(GuestAccess.FaultListener faults) {
    return new PagedWords(region, faults);
  }

  /** What the pager logs. */
  @Override
  DirtyLog dirtyLog(Runnable flushTlbs, BooleanSupplier stopped) {
    return new PagerDirtyLog(memory, region, flushTlbs, stopped);
  }

  @Override
  DirtyLog writeProtectLog(Runnable flushTlbs) {
    throw new UnsupportedOperationException("the pager owns the write protection of its memory");
  }

  @Override
  void checkEveryStore(boolean every) {
    throw new UnsupportedOperationException("the pager owns the write protection of its memory");
  }

  /** Through the buffer. */
  @Override
  MemoryDigest digest() {
    return MemoryDigest.of(memory.sizeBytes(), this::read);
  }

  private void read(long offset, MemorySegment to) {
    try (PagedAccess access = region.access()) {
      access.read(offset, to, 0, to.byteSize());
    }
  }

  /**
   * Checks that it is of this size.
   *
   * @throws IllegalArgumentException if not; it is closed then
   */
  void requireSize(long ramBytes) {
    if (region.lengthBytes() != ramBytes) {
      close();
      throw new IllegalArgumentException(
          "a region of " + region.lengthBytes() + " bytes for RAM of " + ramBytes + " bytes");
    }
  }

  public long pageBytes() {
    return memory.basePageBytes();
  }

  /** What the pager has done since it was created. */
  public PagerStats stats() {
    return pager.stats();
  }

  /** What the pager has done since the initial contents were written: for the VM itself. */
  public PagerStats statsSinceFilled() {
    return pager.stats().since(filled);
  }

  /** The number of pages that a migration has read from the file so far. */
  public long pagesFromStore() {
    return pagesFromStore.sum();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      memory.close();
      region.abandon();
      pager.close();
      closeStore.run();
    }
  }
}
