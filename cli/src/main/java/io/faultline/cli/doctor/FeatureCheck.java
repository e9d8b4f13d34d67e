package io.faultline.cli.doctor;

import io.faultline.uffd.Feature;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Checks which features of userfaultfd the kernel has. */
final class FeatureCheck {
  private FeatureCheck() {}

  static Section run(Set<Feature> supported) {
    List<Finding> findings = new ArrayList<>();
    for (Feature feature : Feature.values()) {
      String since = "since Linux " + since(feature);
      findings.add(
          supported.contains(feature)
              ? Finding.ok(feature.name(), since)
              : Finding.missing(feature.name(), since + use(feature), ""));
    }
    String title = "Features, " + supported.size() + " of " + Feature.values().length;
    return new Section(title, findings);
  }

  /**
   * The first kernel version with a feature on x86-64, from userfaultfd(2), ioctl_userfaultfd(2)
   * and the kernel's history. Some came later on aarch64.
   */
  static String since(Feature feature) {
    return switch (feature) {
      case PAGEFAULT_FLAG_WP -> "5.7";
      case EVENT_FORK, EVENT_REMAP, EVENT_REMOVE, EVENT_UNMAP -> "4.11";
      case MISSING_HUGETLBFS, MISSING_SHMEM -> "4.11";
      case SIGBUS, THREAD_ID -> "4.14";
      case MINOR_HUGETLBFS -> "5.13";
      case MINOR_SHMEM -> "5.14";
      case EXACT_ADDRESS -> "5.18";
      case WP_HUGETLBFS_SHMEM -> "5.19";
      case WP_UNPOPULATED -> "6.4";
      case POISON -> "6.6";
      case WP_ASYNC -> "6.7";
      case MOVE -> "6.8";
    };
  }

  private static String use(Feature feature) {
    return switch (feature) {
      case MISSING_SHMEM -> "; --backing shmem needs it";
      case MISSING_HUGETLBFS -> "; --backing hugetlb-2m and hugetlb-1g need it";
      case MINOR_SHMEM, MINOR_HUGETLBFS -> "; --place continue needs it";
      case WP_ASYNC -> "; the dirty log needs it";
      default -> "";
    };
  }
}
