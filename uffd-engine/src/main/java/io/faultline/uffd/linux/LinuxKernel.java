package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.UnwrittenPages;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The engine of the Linux kernel, on x86-64 and aarch64. Thread-safe. */
public final class LinuxKernel implements Kernel {
  private final UserfaultfdOpener opener;
  private final long basePageBytes;

  /**
   * Binds to the kernel of this machine.
   *
   * @throws UnsupportedOperationException on another operating system or architecture
   */
  public LinuxKernel() {
    this(Machine.current());
  }

  private LinuxKernel(Machine machine) {
    this.opener = new UserfaultfdOpener(machine);
    this.basePageBytes = Libc.pageSize();
  }

  @Override
  public String name() {
    return "kernel";
  }

  @Override
  public long pageSizeBytes(PageSize pageSize) {
    return pageSize.isHuge() ? 1L << pageSize.shift() : basePageBytes;
  }

  @Override
  public Set<Feature> supportedFeatures() {
    return opener.supportedFeatures();
  }

  @Override
  public Userfaultfd openUserfaultfd(OpenOptions options) {
    return opener.open(options);
  }

  /**
   * Wraps a userfaultfd that another process opened and initialised, and makes it non-blocking and
   * close-on-exec. Its memory is that of the other process: {@link Userfaultfd#move} and everything
   * that takes addresses of this process do not apply. The result owns the descriptor; if this
   * method throws, the caller still does.
   *
   * @param scope the scope that it was opened with, which the kernel does not reveal
   * @throws IllegalArgumentException if {@code fd} is not open, or not a userfaultfd after
   *     UFFDIO_API; the message says what it is
   */
  public Userfaultfd adoptUserfaultfd(int fd, FaultScope scope) {
    return adoptUserfaultfd(fd, scope, null);
  }

  /**
   * As {@link #adoptUserfaultfd(int, FaultScope)}.
   *
   * @param memory to which the kernel writes messages; null for memory of the reading thread
   */
  public Userfaultfd adoptUserfaultfd(int fd, FaultScope scope, @Nullable MessageMemory memory) {
    if (scope == FaultScope.WIDEST) {
      throw new IllegalArgumentException("scope " + scope + ": name the scope that it has");
    }
    Set<Feature> features = UserfaultfdInfo.features(fd);
    FileDescriptors.setCloseOnExec(fd);
    FileDescriptors.setNonBlocking(fd);
    return new LinuxUserfaultfd(fd, scope, features, memory);
  }

  /**
   * The features of a userfaultfd, whichever process opened it.
   *
   * @throws IllegalArgumentException if {@code fd} is not open, or not a userfaultfd after
   *     UFFDIO_API; the message says what it is
   */
  public Set<Feature> featuresOfUserfaultfd(int fd) {
    return UserfaultfdInfo.features(fd);
  }

  /**
   * Whether UFFDIO_API was called on a userfaultfd, by whichever process.
   *
   * @throws IllegalArgumentException if {@code fd} is not an open userfaultfd
   */
  public boolean isInitialisedUserfaultfd(int fd) {
    return UserfaultfdInfo.isInitialised(fd);
  }

  /**
   * Initialises a userfaultfd that another process opened (UFFDIO_API). Its memory is that of the
   * other process: see {@link #adoptUserfaultfd(int, FaultScope)}. The result owns the descriptor;
   * if this method throws, it is closed.
   *
   * @param scope the scope that it was opened with
   * @throws SystemCallException EINVAL, with the features that the kernel lacks
   */
  public Userfaultfd initializeUserfaultfd(int fd, FaultScope scope, Set<Feature> features) {
    return opener.initialize(fd, scope, features);
  }

  /**
   * Takes a memory file of base pages that another process has created, such as a memfd. The result
   * owns the descriptor; if this method throws, the caller still does.
   *
   * @throws IllegalArgumentException if the descriptor is something else; the message says what
   */
  public MemoryFile adoptFile(int fd) {
    return LinuxMemoryFile.adopt(fd);
  }

  @Override
  public MemoryFile createFile(String name, long sizeBytes, PageSize pageSize) {
    return LinuxMemoryFile.create(name, sizeBytes, pageSize);
  }

  @Override
  public MemoryFile openFile(Path path, long sizeBytes) {
    return LinuxMemoryFile.open(path, sizeBytes);
  }

  @Override
  public MemoryFile openExistingFile(Path path, long sizeBytes) {
    return LinuxMemoryFile.openExisting(path, sizeBytes);
  }

  @Override
  public Optional<UnwrittenPages> openUnwrittenPages(Path path, long sizeBytes, PageSize pageSize) {
    return Optional.ofNullable(LinuxUnwrittenPages.open(path, sizeBytes, pageSize));
  }

  @Override
  public long map(MapRequest request) {
    MemoryFile file = request.file();
    int flags = request.shared() ? Libc.MAP_SHARED : Libc.MAP_PRIVATE;
    if (file == null) {
      flags |= Libc.MAP_ANONYMOUS;
      if (request.pageSize().isHuge()) {
        flags |= Libc.MAP_HUGETLB | request.pageSize().shift() << Libc.MAP_HUGE_SHIFT;
      }
    }
    int fd = file == null ? -1 : file.fd();
    long address = Libc.mmap(request.lengthBytes(), flags, fd, request.fileOffsetBytes());
    if (address < 0 && address > -4096) {
      throw mapFailed(request, (int) -address);
    }
    return address;
  }

  @Override
  public long mapUnreserved(long lengthBytes) {
    int flags = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;
    long address = Libc.mmap(lengthBytes, flags, -1, 0);
    if (address < 0 && address > -4096) {
      throw new SystemCallException(
          "mmap(length=" + lengthBytes + ", MAP_NORESERVE)", (int) -address);
    }
    return address;
  }

  @Override
  public void unmap(long address, long lengthBytes) {
    int result = Libc.munmap(address, lengthBytes);
    if (result < 0) {
      throw new SystemCallException(range("munmap", address, lengthBytes), -result);
    }
  }

  @Override
  public void replaceByZeros(long address, long lengthBytes) {
    int flags = Libc.MAP_FIXED | Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;
    long result = Libc.mmap(address, lengthBytes, flags, -1, 0);
    if (result != address) {
      throw new SystemCallException(range("mmap(MAP_FIXED)", address, lengthBytes), (int) -result);
    }
  }

  @Override
  public long remap(long address, long lengthBytes) {
    long target = AddressSpace.reserve(lengthBytes, Long.lowestOneBit(address | lengthBytes));
    long moved = Libc.mremap(address, lengthBytes, target);
    if (moved < 0 && moved > -4096) {
      Libc.munmap(target, lengthBytes);
      throw new SystemCallException(range("mremap", address, lengthBytes), (int) -moved);
    }
    return moved;
  }

  @Override
  public void advise(long address, long lengthBytes, Advice advice) {
    int result = Libc.madvise(address, lengthBytes, advice.number());
    if (result < 0) {
      throw new SystemCallException(range("madvise " + advice, address, lengthBytes), -result);
    }
  }

  @Override
  public void adviseAll(long[] addresses, long[] lengthsBytes, int count, Advice advice) {
    for (int first = 0; first < count; ) {
      int batch = Math.min(count - first, ProcessMadvise.MAX_RANGES);
      int done = ProcessMadvise.advise(addresses, lengthsBytes, first, batch, advice);
      if (done < batch) { // the kernel takes single ranges only, or refuses this one
        advise(addresses[first + done], lengthsBytes[first + done], advice);
        done++;
      }
      first += done;
    }
  }

  @Override
  public long dataAddress(long address) {
    return address;
  }

  @Override
  public long guestLoad(long address) {
    MemorySegment word = CallScratch.ofThread().argument();
    Libc.memcpy(word.address(), address, Long.BYTES);
    return word.get(JAVA_LONG, 0);
  }

  @Override
  public void guestStore(long address, long value) {
    MemorySegment word = CallScratch.ofThread().argument();
    word.set(JAVA_LONG, 0, value);
    Libc.memcpy(address, word.address(), Long.BYTES);
  }

  @Override
  public void guestRead(long address, MemorySegment to, long toOffset, long lengthBytes) {
    Objects.checkFromIndexSize(toOffset, lengthBytes, to.byteSize());
    OwnMemory.read(address, to.address() + toOffset, lengthBytes);
  }

  @Override
  public Pagemap openPagemap() {
    return LinuxPagemap.open("/proc/self/pagemap", basePageBytes);
  }

  /**
   * Opens the page table of another process. Once that process has exited, no page is present.
   *
   * @throws SystemCallException ENOENT (no such process), EACCES (needs CAP_SYS_PTRACE)
   */
  public Pagemap openPagemap(int pid) {
    return LinuxPagemap.open("/proc/" + pid + "/pagemap", basePageBytes);
  }

  @Override
  public Optional<HugePagePool> hugePagePool(PageSize pageSize) {
    return MachineMemory.hugePagePool(pageSize);
  }

  @Override
  public long availableMemoryBytes() {
    return MachineMemory.availableBytes();
  }

  private SystemCallException mapFailed(MapRequest request, int errno) {
    PageSize size = request.pageSize();
    String what = request.file() == null ? "" : request.file() + ", ";
    String call = "mmap(" + what + "length=" + request.lengthBytes() + ", " + size + ")";
    if (!size.isHuge() || errno != Errno.ENOMEM) {
      return new SystemCallException(call, errno);
    }
    long pages = request.lengthBytes() >> size.shift();
    String hint =
        hugePagePool(size)
            .map(pool -> pool.available() < pages ? pool.shortage(pages) : limited(pool))
            .orElse("this machine has no huge pages of this size");
    return new SystemCallException(call, errno, hint);
  }

  private static String limited(HugePagePool pool) {
    return "the pool has "
        + pool.available()
        + " available, but the limit of the file's hugetlbfs (mount option size) or of the control"
        + " group is lower";
  }

  private static String range(String call, long address, long lengthBytes) {
    return String.format("%s(address=0x%x, length=%d)", call, address, lengthBytes);
  }
}
