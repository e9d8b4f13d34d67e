package io.faultline.uffd;

import java.util.Set;

/**
 * Features of userfaultfd, in the order of their bits ({@code UFFD_FEATURE_*} in {@code
 * include/uapi/linux/userfaultfd.h}, Linux 6.18).
 */
public enum Feature implements MaskBit {
  /** Fault events report whether they hit write protection. */
  PAGEFAULT_FLAG_WP,
  /** Fork is an event, which carries a userfaultfd for the child. Needs CAP_SYS_PTRACE. */
  EVENT_FORK,
  /** mremap is an event. */
  EVENT_REMAP,
  /** MADV_DONTNEED, MADV_FREE and MADV_REMOVE are events. */
  EVENT_REMOVE,
  /** Missing faults on hugetlb. */
  MISSING_HUGETLBFS,
  /** Missing faults on shared memory. */
  MISSING_SHMEM,
  /** munmap is an event. */
  EVENT_UNMAP,
  /** A fault raises SIGBUS in the thread instead of an event. */
  SIGBUS,
  /** Fault events carry the id of the thread that faulted. */
  THREAD_ID,
  /** Minor faults on hugetlb. */
  MINOR_HUGETLBFS,
  /** Minor faults on shared memory. */
  MINOR_SHMEM,
  /** Fault events carry the exact address, not that of the page. */
  EXACT_ADDRESS,
  /** Write protection of hugetlb and shared memory. */
  WP_HUGETLBFS_SHMEM,
  /** Write protection of missing pages. */
  WP_UNPOPULATED,
  /** UFFDIO_POISON. */
  POISON,
  /** Write protection that the kernel removes on a write without an event; see PAGEMAP_SCAN. */
  WP_ASYNC,
  /** UFFDIO_MOVE. */
  MOVE;

  /** The feature's bit in {@code struct uffdio_api.features}. */
  @Override
  public long bit() {
    return 1L << ordinal();
  }

  /** The bit mask of a set. */
  public static long mask(Set<Feature> features) {
    return MaskBit.mask(features);
  }

  /** The set of a bit mask, without bits that this version does not know. */
  public static Set<Feature> ofMask(long mask) {
    return MaskBit.ofMask(Feature.class, mask);
  }
}
