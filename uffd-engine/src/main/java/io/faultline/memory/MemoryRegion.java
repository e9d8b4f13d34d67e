package io.faultline.memory;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.UnwrittenPages;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One region of guest memory. The <i>guest mapping</i> is used by the VM and registered with
 * userfaultfd. The <i>transfer mapping</i> (not with anonymous memory) maps the same pages without
 * userfaultfd.
 *
 * <p>Contents are read where they are, except of {@link #copied} memory, which has neither an own
 * mapping nor a transfer mapping.
 *
 * <p>Transparent huge pages are off for the region, since userfaultfd works on base pages. It is
 * excluded from core dumps and not inherited by forked children.
 *
 * <p>Closing unmaps it, and returns huge pages and memory files to the system.
 */
public final class MemoryRegion implements AutoCloseable {
  private final int id;
  private final String name;
  private final Backing backing;
  private final long pageBytes;
  private final long basePageBytes;
  private final Mapping guest;
  private final @Nullable Mapping transfer;
  private final @Nullable UnwrittenPages unwritten;
  private final @Nullable CopiedContents copies;

  private MemoryRegion(
      int id,
      String name,
      Backing backing,
      long pageBytes,
      long basePageBytes,
      Mapping guest,
      @Nullable Mapping transfer,
      @Nullable UnwrittenPages unwritten) {
    this(id, name, backing, pageBytes, basePageBytes, guest, transfer, unwritten, null);
  }

  private MemoryRegion(
      int id,
      String name,
      Backing backing,
      long pageBytes,
      long basePageBytes,
      Mapping guest,
      @Nullable Mapping transfer,
      @Nullable UnwrittenPages unwritten,
      @Nullable CopiedContents copies) {
    this.id = id;
    this.name = name;
    this.backing = backing;
    this.pageBytes = pageBytes;
    this.basePageBytes = basePageBytes;
    this.guest = guest;
    this.transfer = transfer;
    this.unwritten = unwritten;
    this.copies = copies;
  }

  /**
   * Memory that may be read only through copies, since its pages may have to be fetched first, such
   * as that of a pager. The caller keeps it mapped.
   *
   * @param address of the memory, as the guest uses it
   * @param sizeBytes a positive multiple of the base page
   */
  public static MemoryRegion copied(
      Kernel kernel, int id, String name, long address, long sizeBytes, PageCopier copier) {
    Mapping guest = new Mapping(address, kernel.dataAddress(address), sizeBytes);
    return copied(kernel, id, name, Backing.ANONYMOUS, guest, copier);
  }

  /**
   * The memory of a VM that does not run here, and is not mapped: as {@link #copied}, but without
   * an address.
   *
   * @param backing as the VM had it, with pages of at most 2 MiB
   * @param sizeBytes a positive multiple of the page size
   * @throws IllegalArgumentException if the pages are larger
   */
  public static MemoryRegion saved(
      Kernel kernel, int id, String name, Backing backing, long sizeBytes, PageCopier copier) {
    if (kernel.pageSizeBytes(backing.pageSize()) > CopiedContents.MAX_BYTES) {
      throw new IllegalArgumentException(
          "saved memory of " + backing + ": its pages are too large");
    }
    return copied(kernel, id, name, backing, new Mapping(0, 0, sizeBytes), copier);
  }

  private static MemoryRegion copied(
      Kernel kernel, int id, String name, Backing backing, Mapping guest, PageCopier copier) {
    long pageBytes = kernel.pageSizeBytes(backing.pageSize());
    long basePageBytes = kernel.pageSizeBytes(PageSize.BASE);
    CopiedContents copies = new CopiedContents(copier);
    return new MemoryRegion(id, name, backing, pageBytes, basePageBytes, guest, null, null, copies);
  }

  /**
   * Maps a region of zeros (a named file keeps its contents).
   *
   * @param id the region's number on the wire, not negative
   * @param sizeBytes a positive multiple of the page size
   * @throws IllegalArgumentException if the size is not valid
   * @throws io.faultline.uffd.SystemCallException if the memory is not available; the message has
   *     the remedy
   */
  public static MemoryRegion map(
      Kernel kernel, int id, String name, Backing backing, long sizeBytes) {
    long pageBytes = kernel.pageSizeBytes(backing.pageSize());
    long basePageBytes = kernel.pageSizeBytes(PageSize.BASE);
    if (sizeBytes <= 0 || sizeBytes % pageBytes != 0) {
      throw new IllegalArgumentException(
          "region "
              + name
              + " of "
              + sizeBytes
              + " bytes is not a multiple of the page size "
              + pageBytes);
    }
    if (!backing.isShared()) {
      Mapping guest = mapping(kernel, MapRequest.anonymous(sizeBytes, backing.pageSize()));
      return new MemoryRegion(id, name, backing, pageBytes, basePageBytes, guest, null, null);
    }
    try (MemoryFile file = file(kernel, name, backing, sizeBytes)) {
      if (file.pageSize() != backing.pageSize()) {
        throw new IllegalArgumentException(
            backing + " has " + file.pageSize() + " pages, not " + backing.pageSize());
      }
      Mapping guest = mapping(kernel, MapRequest.sharedFile(file));
      try {
        Mapping transfer = mapping(kernel, MapRequest.sharedFile(file));
        UnwrittenPages unwritten = unwritten(kernel, backing, sizeBytes, transfer);
        return new MemoryRegion(
            id, name, backing, pageBytes, basePageBytes, guest, transfer, unwritten);
      } catch (RuntimeException e) {
        guest.close();
        throw e;
      }
    }
  }

  /**
   * The memory of another process, which has mapped a named file. Only the transfer mapping is one
   * of this process: it serves as {@link Mapping#dataAddress} of the guest mapping too.
   *
   * @param kernel of this process
   * @param backing a named file, which must be that of the other process
   * @param guestAddress of the file's beginning in the other process, which keeps the mapping when
   *     the region is closed
   * @throws IllegalArgumentException if the backing or the size is not valid
   * @throws io.faultline.uffd.SystemCallException if the memory is not available
   */
  public static MemoryRegion ofOtherProcess(
      Kernel kernel, int id, String name, Backing backing, long sizeBytes, long guestAddress) {
    Path path = backing.path();
    if (path == null) {
      throw new IllegalArgumentException(backing + " memory cannot be that of another process");
    }
    long pageBytes = kernel.pageSizeBytes(backing.pageSize());
    try (MemoryFile file = kernel.openExistingFile(path, sizeBytes)) {
      Mapping transfer = mapping(kernel, MapRequest.sharedFile(file));
      Mapping guest = new Mapping(guestAddress, transfer.dataAddress(0), sizeBytes);
      long basePageBytes = kernel.pageSizeBytes(PageSize.BASE);
      UnwrittenPages unwritten = unwritten(kernel, backing, sizeBytes, transfer);
      return new MemoryRegion(
          id, name, backing, pageBytes, basePageBytes, guest, transfer, unwritten);
    }
  }

  private static @Nullable UnwrittenPages unwritten(
      Kernel kernel, Backing backing, long sizeBytes, Mapping transfer) {
    Path path = backing.path();
    try {
      return path == null
          ? null
          : kernel.openUnwrittenPages(path, sizeBytes, backing.pageSize()).orElse(null);
    } catch (RuntimeException e) {
      transfer.close();
      throw e;
    }
  }

  /** The region's number on the wire. */
  public int id() {
    return id;
  }

  public String name() {
    return name;
  }

  public Backing backing() {
    return backing;
  }

  public long sizeBytes() {
    return guest.lengthBytes();
  }

  /** The size of the backing's pages, the unit of the page table. */
  public long pageBytes() {
    return pageBytes;
  }

  /** The size of a base page: the unit of dirty logs, and of page numbers on the wire. */
  public long basePageBytes() {
    return basePageBytes;
  }

  public long basePageCount() {
    return sizeBytes() / basePageBytes;
  }

  /** Base pages per page of the backing; 1 if it consists of base pages. */
  public int basePagesPerPage() {
    return Math.toIntExact(pageBytes / basePageBytes);
  }

  public long pageCount() {
    return sizeBytes() / pageBytes;
  }

  /** The mapping that the VM uses. */
  public Mapping guest() {
    return guest;
  }

  /** The mapping that is not registered with userfaultfd. */
  public Mapping transfer() {
    return Objects.requireNonNull(transfer, () -> backing + " memory has no transfer mapping");
  }

  /** Whether contents must be {@link #load}ed, and read at {@link #readAddress}. */
  public boolean isCopied() {
    return copies != null;
  }

  /** The maximum number of bytes to {@link #load} at once. */
  public long maxLoadBytes() {
    return copies == null ? Long.MAX_VALUE : CopiedContents.MAX_BYTES;
  }

  /**
   * Makes the contents of a range readable for this thread, until its next call. Does nothing for
   * memory that is readable where it is.
   *
   * @param offsetBytes a multiple of the base page
   * @param lengthBytes a multiple of the base page, at most {@link #maxLoadBytes}
   * @throws RuntimeException of the {@link PageCopier}
   */
  public void load(long offsetBytes, long lengthBytes) {
    if (copies != null) {
      copies.load(offsetBytes, lengthBytes);
    }
  }

  /**
   * How much of a range, from its start on, is known to be zeros and need not be {@link #load}ed.
   *
   * @param offsetBytes a multiple of the base page
   * @param lengthBytes a multiple of the base page
   * @return a multiple of the base page, at most {@code lengthBytes}; 0 if nothing is known
   */
  public long knownZeros(long offsetBytes, long lengthBytes) {
    return copies == null ? 0 : copies.knownZeros(offsetBytes, lengthBytes);
  }

  /** Where Java code and sockets read the contents at an offset that this thread has loaded. */
  public long readAddress(long offsetBytes) {
    return copies == null ? guest.dataAddress(offsetBytes) : copies.address(offsetBytes);
  }

  /**
   * Whether a range is zero, which this thread must have {@link #load}ed. Gives no memory to pages
   * of a named file that were never written, as far as the kernel tells which these are.
   *
   * @param offsetBytes a multiple of the base page
   * @param lengthBytes a multiple of the base page, not 0
   */
  public boolean isZero(long offsetBytes, long lengthBytes) {
    return (unwritten != null && unwritten.contain(offsetBytes, lengthBytes))
        || ZeroPages.isZero(readAddress(offsetBytes), lengthBytes);
  }

  @Override
  public void close() {
    guest.close();
    if (transfer != null) {
      transfer.close();
    }
    if (unwritten != null) {
      unwritten.close();
    }
    if (copies != null) {
      copies.close();
    }
  }

  private static MemoryFile file(Kernel kernel, String name, Backing backing, long sizeBytes) {
    return backing.path() == null
        ? kernel.createFile("faultline-" + name, sizeBytes, backing.pageSize())
        : kernel.openFile(backing.path(), sizeBytes);
  }

  private static Mapping mapping(Kernel kernel, MapRequest request) {
    long length = request.lengthBytes();
    Mapping mapping = new Mapping(kernel, kernel.map(request), length);
    try {
      kernel.advise(mapping.address(), length, Advice.DONT_DUMP);
      kernel.advise(mapping.address(), length, Advice.DONT_FORK);
      if (request.pageSize() == PageSize.BASE) {
        kernel.advise(mapping.address(), length, Advice.NO_HUGE_PAGE);
      }
      return mapping;
    } catch (RuntimeException e) {
      mapping.close();
      throw e;
    }
  }
}
