package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A memory file of the simulated kernel. A named file is the real file of that name, so that it
 * outlives the process; it has base pages.
 */
final class SimulatedMemoryFile implements MemoryFile {
  private final PageCache cache;
  private final long sizeBytes;
  private final AtomicBoolean closed = new AtomicBoolean();

  SimulatedMemoryFile(PageCache cache, long sizeBytes) {
    this.cache = cache;
    this.sizeBytes = sizeBytes;
  }

  static SimulatedMemoryFile create(
      SimulatedMachine machine, String name, long sizeBytes, PageSize size) {
    long pageBytes = machine.pageBytes(size);
    String call = "memfd_create(" + name + ", " + sizeBytes + " bytes, " + size + ")";
    if (sizeBytes <= 0 || (size.isHuge() && sizeBytes % pageBytes != 0)) {
      throw new SystemCallException(
          call, Errno.EINVAL, "the size is not a multiple of the page size");
    }
    long pages = (sizeBytes + pageBytes - 1) / pageBytes;
    if (pages > Integer.MAX_VALUE || sizeBytes > machine.availableBytes()) {
      throw new SystemCallException(call, Errno.ENOMEM, "the simulated machine has less memory");
    }
    return new SimulatedMemoryFile(machine.createCache((int) pages, size), sizeBytes);
  }

  static SimulatedMemoryFile open(Path path, long sizeBytes) {
    int pages = Math.toIntExact((sizeBytes + Calls.PAGE_BYTES - 1) / Calls.PAGE_BYTES);
    Arena arena = Arena.ofShared();
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel.truncate(sizeBytes);
      long bytes = pages * Calls.PAGE_BYTES;
      MemorySegment contents = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
      Frames frames = Frames.over(contents, arena, pages, Calls.PAGE_BYTES);
      PageCache cache = new PageCache(frames, PageSize.BASE, new PoolPages(null));
      return new SimulatedMemoryFile(cache, sizeBytes);
    } catch (IOException e) {
      arena.close();
      throw new SystemCallException("open(" + path + ")", Errno.EIO, e.toString());
    }
  }

  /** Neither creates the file nor changes its size. */
  static SimulatedMemoryFile openExisting(Path path, long sizeBytes) {
    String call = "open(" + path + ")";
    try {
      long bytes = Files.size(path);
      if (bytes != sizeBytes) {
        throw new SystemCallException(
            call, Errno.EINVAL, "it has " + bytes + " bytes, not " + sizeBytes);
      }
    } catch (NoSuchFileException e) {
      throw new SystemCallException(call, Errno.ENOENT);
    } catch (IOException e) {
      throw new SystemCallException(call, Errno.EIO, e.toString());
    }
    return open(path, sizeBytes);
  }

  PageCache cache() {
    return cache;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public PageSize pageSize() {
    return cache.pageSize;
  }

  @Override
  public int fd() {
    return -1;
  }

  @Override
  public void punchHole(long offsetBytes, long lengthBytes) {
    if (offsetBytes < 0 || lengthBytes <= 0) {
      throw new SystemCallException(
          "fallocate(PUNCH_HOLE, " + offsetBytes + ", " + lengthBytes + ")", Errno.EINVAL);
    }
    Zapping.punchBytes(cache, offsetBytes, lengthBytes);
  }

  @Override
  public long read(long offsetBytes, MemorySegment to, long toOffset, long lengthBytes) {
    long length = Math.clamp(sizeBytes - offsetBytes, 0L, lengthBytes);
    MemorySegment contents =
        MemorySegment.ofAddress(cache.frames.address(0)).reinterpret(sizeBytes);
    MemorySegment.copy(contents, offsetBytes, to, toOffset, length);
    return length;
  }

  /** Nothing: its size never changes. */
  @Override
  public void sealSize() {}

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      cache.release();
    }
  }
}
