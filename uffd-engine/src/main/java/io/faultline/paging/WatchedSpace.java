package io.faultline.paging;

import io.faultline.uffd.Userfaultfd;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one process that one userfaultfd watches: its regions, by address. Readers see a
 * consistent array; changes copy it. Thread-safe.
 */
final class WatchedSpace {
  final Userfaultfd uffd;
  private volatile Region[] byAddress = {};

  WatchedSpace(Userfaultfd uffd) {
    this.uffd = uffd;
  }

  synchronized void add(Region region) {
    Region[] more = Arrays.copyOf(byAddress, byAddress.length + 1);
    more[byAddress.length] = region;
    Arrays.sort(more, (a, b) -> Long.compareUnsigned(a.address, b.address));
    byAddress = more;
  }

  synchronized void remove(Region region) {
    byAddress = Arrays.stream(byAddress).filter(each -> each != region).toArray(Region[]::new);
  }

  /** The region that contains an address, or null. */
  @Nullable Region find(long address) {
    Region[] now = byAddress;
    int low = 0;
    int high = now.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Region region = now[middle];
      if (Long.compareUnsigned(address, region.address) < 0) {
        high = middle - 1;
      } else if (address - region.address >= region.mappedBytes()) {
        low = middle + 1;
      } else {
        return region;
      }
    }
    return null;
  }

  Region[] all() {
    return byAddress.clone();
  }
}
