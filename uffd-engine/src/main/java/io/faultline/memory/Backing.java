package io.faultline.memory;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The kind of memory that backs a region.
 *
 * @param kind the kind of memory
 * @param pageSize the size of its pages; for a named file, the page size of its file system
 * @param path the path of a named file, else null
 */
public record Backing(Kind kind, PageSize pageSize, @Nullable Path path) {
  /** Kinds of memory. */
  public enum Kind {
    /** Private anonymous memory: one mapping only. */
    ANONYMOUS,
    /** An unnamed memory file (memfd), shared. */
    SHMEM,
    /** An unnamed memory file (memfd) of huge pages, shared. */
    HUGETLB,
    /** A named file in tmpfs or hugetlbfs, shared; it outlives the process. */
    FILE
  }

  public static final Backing ANONYMOUS = new Backing(Kind.ANONYMOUS, PageSize.BASE, null);
  public static final Backing SHMEM = new Backing(Kind.SHMEM, PageSize.BASE, null);
  public static final Backing HUGETLB_2M = new Backing(Kind.HUGETLB, PageSize.HUGE_2M, null);
  public static final Backing HUGETLB_1G = new Backing(Kind.HUGETLB, PageSize.HUGE_1G, null);

  /** A named file; {@code pageSize} must be the page size of its file system. */
  public static Backing file(Path path, PageSize pageSize) {
    return new Backing(Kind.FILE, pageSize, path);
  }

  /** Whether the same pages can be mapped twice. */
  public boolean isShared() {
    return kind != Kind.ANONYMOUS;
  }

  /**
   * The unnamed backing of the same kind: what an incoming VM gets in place of the source's file.
   */
  public Backing unnamed() {
    return switch (kind) {
      case ANONYMOUS, SHMEM, HUGETLB -> this;
      case FILE -> new Backing(pageSize.isHuge() ? Kind.HUGETLB : Kind.SHMEM, pageSize, null);
    };
  }

  /** What this machine must have for it: a simulated kernel makes huge pages of ordinary memory. */
  public Backing onMachine(Kernel kernel) {
    return pageSize.isHuge() && !kernel.name().equals("kernel") ? SHMEM : this;
  }

  /** The name on the command line: {@code anonymous}, {@code shmem}, {@code hugetlb-2m}. */
  @Override
  public String toString() {
    return switch (kind) {
      case ANONYMOUS -> "anonymous";
      case SHMEM -> "shmem";
      case HUGETLB -> pageSize == PageSize.HUGE_1G ? "hugetlb-1g" : "hugetlb-2m";
      case FILE -> "file:" + path;
    };
  }
}
