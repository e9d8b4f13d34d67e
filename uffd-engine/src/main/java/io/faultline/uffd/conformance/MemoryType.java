package io.faultline.uffd.conformance;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import java.util.EnumSet;
import java.util.Set;

/** The columns of the matrix: kinds of memory that userfaultfd treats differently. */
public enum MemoryType {
  ANONYMOUS("anonymous", PageSize.BASE, false),
  SHMEM("shmem", PageSize.BASE, true),
  SHMEM_PRIVATE("shmem-private", PageSize.BASE, false),
  HUGETLB("hugetlb", PageSize.HUGE_2M, true),
  HUGETLB_PRIVATE("hugetlb-private", PageSize.HUGE_2M, false);

  /** All kinds of memory. */
  static final Set<MemoryType> ALL = Set.copyOf(EnumSet.allOf(MemoryType.class));

  /** Kinds whose pages can be filled through another mapping. */
  static final Set<MemoryType> SHARED = Set.of(SHMEM, HUGETLB);

  /** Kinds with a file. */
  static final Set<MemoryType> FILES = Set.of(SHMEM, SHMEM_PRIVATE, HUGETLB, HUGETLB_PRIVATE);

  /** Kinds of base pages. */
  static final Set<MemoryType> BASE = Set.of(ANONYMOUS, SHMEM, SHMEM_PRIVATE);

  private final String title;
  private final PageSize pageSize;
  private final boolean shared;

  MemoryType(String title, PageSize pageSize, boolean shared) {
    this.title = title;
    this.pageSize = pageSize;
    this.shared = shared;
  }

  /** The column's title. */
  public String title() {
    return title;
  }

  public PageSize pageSize() {
    return pageSize;
  }

  /** Whether the same pages can be mapped twice. */
  public boolean isShared() {
    return shared;
  }

  /** Whether it maps a file. */
  boolean hasFile() {
    return FILES.contains(this);
  }

  boolean isHuge() {
    return pageSize.isHuge();
  }

  /** Creates a file of this kind. */
  MemoryFile file(Kernel kernel, long lengthBytes) {
    return kernel.createFile("faultline-conformance", lengthBytes, pageSize);
  }

  /** A mapping of a whole file. */
  MapRequest request(MemoryFile file) {
    return shared ? MapRequest.sharedFile(file) : MapRequest.privateFile(file);
  }
}
