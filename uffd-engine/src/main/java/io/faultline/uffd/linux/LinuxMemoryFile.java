package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Errno;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** A memfd, or a named file in tmpfs or hugetlbfs. */
final class LinuxMemoryFile implements MemoryFile {
  /** {@code include/uapi/linux/magic.h}. */
  private static final long HUGETLBFS_MAGIC = 0x958458f6L;

  private static final long TMPFS_MAGIC = 0x01021994L;

  private static final int SEEK_END = 2;

  /** {@code include/uapi/linux/fcntl.h}. */
  private static final int F_ADD_SEALS = 1033;

  private static final int F_GET_SEALS = 1034;
  private static final int F_SEAL_SEAL = 1;
  private static final int F_SEAL_SHRINK = 2;
  private static final int F_SEAL_WRITE = 8;
  private static final int F_SEAL_FUTURE_WRITE = 16;
  private static final int SIZE_SEALS = F_SEAL_SHRINK | F_SEAL_SEAL;

  /** With one of these PUNCH_HOLE fails. */
  private static final int KEEPS_PAGES = F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

  /** {@code struct statfs}: f_type at 0, f_bsize at 8 on 64-bit machines; 120 bytes. */
  private static final long STATFS_BYTES = 120;

  private static final long STATFS_TYPE = 0;
  private static final long STATFS_BLOCK_SIZE = 8;

  private final int fd;
  private final String name;
  private final long sizeBytes;
  private final PageSize pageSize;
  private final AtomicBoolean closed = new AtomicBoolean();

  private LinuxMemoryFile(int fd, String name, long sizeBytes, PageSize pageSize) {
    this.fd = fd;
    this.name = name;
    this.sizeBytes = sizeBytes;
    this.pageSize = pageSize;
  }

  static LinuxMemoryFile create(String name, long sizeBytes, PageSize pageSize) {
    int flags = Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING;
    if (pageSize.isHuge()) {
      flags |= Libc.MFD_HUGETLB | pageSize.shift() << Libc.MAP_HUGE_SHIFT;
    }
    int fd = Libc.memfdCreate(name, flags);
    if (fd < 0) {
      throw new SystemCallException("memfd_create(" + name + ", " + pageSize + ")", -fd);
    }
    return sized(fd, name, sizeBytes, pageSize);
  }

  static LinuxMemoryFile open(Path path, long sizeBytes) {
    PageSize pageSize = pageSizeAt(path);
    int flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC;
    int fd = Libc.open(path.toString(), flags, 0600);
    if (fd < 0) {
      throw new SystemCallException("open(" + path + ")", -fd);
    }
    return sized(fd, path.toString(), sizeBytes, pageSize);
  }

  /** Neither creates the file nor changes its size. */
  static LinuxMemoryFile openExisting(Path path, long sizeBytes) {
    int fd = Libc.open(path.toString(), Libc.O_RDWR | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new SystemCallException("open(" + path + ")", -fd);
    }
    try {
      PageSize pageSize = pageSizeOf(fd, path);
      long bytes = Libc.lseek(fd, 0, SEEK_END);
      if (bytes < sizeBytes) {
        throw new SystemCallException(
            "open(" + path + ")", Errno.EINVAL, "it has " + bytes + " bytes, not " + sizeBytes);
      }
      return new LinuxMemoryFile(fd, path.toString(), sizeBytes, pageSize);
    } catch (RuntimeException e) {
      Libc.close(fd);
      throw e;
    }
  }

  /** Takes the descriptor of a file that another process has created; closed by the result. */
  static LinuxMemoryFile adopt(int fd) {
    String name = FileDescriptors.describe(fd);
    MemorySegment statfs = CallScratch.ofThread().buffer(STATFS_BYTES);
    int result = Libc.fstatfs(fd, statfs.address());
    if (result < 0) {
      throw new SystemCallException("fstatfs(" + name + ")", -result);
    }
    if (statfs.get(JAVA_LONG, STATFS_TYPE) != TMPFS_MAGIC) {
      throw new IllegalArgumentException(
          "descriptor "
              + fd
              + " is "
              + name
              + ", not a memory file of base pages: pass a memfd without MFD_HUGETLB");
    }
    return new LinuxMemoryFile(fd, name, Libc.lseek(fd, 0, SEEK_END), PageSize.BASE);
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public PageSize pageSize() {
    return pageSize;
  }

  @Override
  public int fd() {
    return fd;
  }

  @Override
  public void punchHole(long offsetBytes, long lengthBytes) {
    int mode = Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE;
    int result = Libc.fallocate(fd, mode, offsetBytes, lengthBytes);
    if (result < 0) {
      throw new SystemCallException(
          "fallocate(PUNCH_HOLE, " + offsetBytes + ", " + lengthBytes + ")", -result);
    }
  }

  @Override
  public long read(long offsetBytes, MemorySegment to, long toOffset, long lengthBytes) {
    Objects.checkFromIndexSize(toOffset, lengthBytes, to.byteSize());
    long done = 0;
    while (done < lengthBytes) {
      long read =
          FileCalls.plainPread(
              fd, to.address() + toOffset + done, lengthBytes - done, offsetBytes + done);
      if (read < 0) { // again, for the errno
        read =
            Libc.pread(fd, to.address() + toOffset + done, lengthBytes - done, offsetBytes + done);
      }
      if (read < 0 && read != -Errno.EINTR) {
        throw new SystemCallException(
            "pread(" + name + ", " + offsetBytes + ", " + lengthBytes + ")", (int) -read);
      }
      if (read == 0) {
        break;
      }
      done += Math.max(0, read);
    }
    return done;
  }

  @Override
  public void sealSize() {
    int seals = seals("F_GET_SEALS", F_GET_SEALS, 0);
    if ((seals & KEEPS_PAGES) != 0) {
      throw new SystemCallException(
          "fcntl(" + name + ", F_ADD_SEALS)",
          Errno.EPERM,
          "it has a seal against writing, so that its pages could not leave memory: leave that"
              + " out");
    }
    if ((seals & SIZE_SEALS) != SIZE_SEALS) {
      int _ = seals("F_ADD_SEALS", F_ADD_SEALS, SIZE_SEALS);
    }
  }

  private int seals(String call, int command, int argument) {
    int result = Libc.fcntl(fd, command, argument);
    if (result < 0) {
      throw new SystemCallException(
          "fcntl(" + name + ", " + call + ")",
          -result,
          "create it by memfd_create with MFD_ALLOW_SEALING, writable, and without other seals than"
              + " those against changes of its size");
    }
    return result;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Libc.close(fd);
    }
  }

  private static LinuxMemoryFile sized(int fd, String name, long sizeBytes, PageSize pageSize) {
    int result = Libc.ftruncate(fd, sizeBytes);
    if (result < 0) {
      Libc.close(fd);
      throw new SystemCallException("ftruncate(" + name + ", " + sizeBytes + ")", -result);
    }
    return new LinuxMemoryFile(fd, name, sizeBytes, pageSize);
  }

  /** The path, or the name of an unnamed file for debugging. */
  @Override
  public String toString() {
    return name;
  }

  /** Checked before the file is created, so that no file remains if it is refused. */
  private static PageSize pageSizeAt(Path path) {
    Path directory = Objects.requireNonNull(path.toAbsolutePath().getParent(), "no directory");
    Path existing = Files.exists(path) ? path : directory;
    int fd = Libc.open(existing.toString(), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new SystemCallException("open(" + existing + ")", -fd);
    }
    try {
      return pageSizeOf(fd, path);
    } finally {
      Libc.close(fd);
    }
  }

  private static PageSize pageSizeOf(int fd, Path path) {
    MemorySegment statfs = CallScratch.ofThread().buffer(STATFS_BYTES);
    int result = Libc.fstatfs(fd, statfs.address());
    if (result < 0) {
      throw new SystemCallException("fstatfs(" + path + ")", -result);
    }
    long type = statfs.get(JAVA_LONG, STATFS_TYPE);
    if (type == TMPFS_MAGIC) {
      return PageSize.BASE;
    }
    if (type != HUGETLBFS_MAGIC) {
      throw new IllegalArgumentException(
          path + " is not in a memory file system: use a path in tmpfs (/dev/shm) or hugetlbfs");
    }
    long block = statfs.get(JAVA_LONG, STATFS_BLOCK_SIZE);
    for (PageSize size : PageSize.values()) {
      if (size.isHuge() && block == 1L << size.shift()) {
        return size;
      }
    }
    throw new IllegalArgumentException(
        path + " is in a hugetlbfs of " + block + "-byte pages: use one of 2 MiB or 1 GiB pages");
  }
}
