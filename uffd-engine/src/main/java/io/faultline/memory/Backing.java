package io.faultline.memory;

import io.faultline.uffd.PageSize;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What guest memory is made of.
 *
 * @param kind the kind of memory
 * @param pageSize the size of its pages; for a named file, that of its file system
 * @param path of a named file, else null
 */
public record Backing(Kind kind, PageSize pageSize, @Nullable Path path) {
  /** Kinds of memory. */
  public enum Kind {
    /** Private anonymous memory: one mapping only. */
    ANONYMOUS,
    /** A nameless file in memory (memfd), shared. */
    SHMEM,
    /** A nameless file of huge pages, shared. */
    HUGETLB,
    /** A named file in tmpfs or hugetlbfs, shared, which outlives the process. */
    FILE
  }

  public static final Backing ANONYMOUS = new Backing(Kind.ANONYMOUS, PageSize.BASE, null);
  public static final Backing SHMEM = new Backing(Kind.SHMEM, PageSize.BASE, null);
  public static final Backing HUGETLB_2M = new Backing(Kind.HUGETLB, PageSize.HUGE_2M, null);
  public static final Backing HUGETLB_1G = new Backing(Kind.HUGETLB, PageSize.HUGE_1G, null);

  /** A named file; {@code pageSize} is what its file system has. */
  public static Backing file(Path path, PageSize pageSize) {
    return new Backing(Kind.FILE, pageSize, path);
  }

  /** Whether a second mapping of the same pages can be made. */
  public boolean isShared() {
    return kind != Kind.ANONYMOUS;
  }

  /** The same without a name: what a VM that arrives gets for the source's own file. */
  public Backing nameless() {
    return switch (kind) {
      case ANONYMOUS, SHMEM, HUGETLB -> this;
      case FILE -> new Backing(pageSize.isHuge() ? Kind.HUGETLB : Kind.SHMEM, pageSize, null);
    };
  }

  /** As on the command line: {@code anonymous}, {@code shmem}, {@code hugetlb-2m}. */
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
