package io.faultline.paging;

import io.faultline.paging.table.Run;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The regions of a pager, by index and by address. Readers see a consistent array; changes copy it.
 * Thread-safe.
 */
final class Regions {
  private volatile @Nullable Region[] byIndex = {};
  private volatile Region[] byAddress = {};

  /** An index that no region has. */
  synchronized int freeIndex() {
    @Nullable Region[] now = byIndex;
    for (int i = 0; i < now.length; i++) {
      if (now[i] == null) {
        return i;
      }
    }
    if (now.length == Run.MAX_REGIONS) {
      throw new PagingException("the pager has " + now.length + " regions, the maximum: close one");
    }
    return now.length;
  }

  synchronized void add(Region region) {
    @Nullable Region[] indexed = Arrays.copyOf(byIndex, Math.max(byIndex.length, region.index + 1));
    indexed[region.index] = region;
    byIndex = indexed;
    sort();
  }

  synchronized void remove(Region region) {
    @Nullable Region[] indexed = byIndex.clone();
    indexed[region.index] = null;
    byIndex = indexed;
    sort();
  }

  private void sort() {
    Region[] sorted =
        Arrays.stream(byIndex).filter(region -> region != null).toArray(Region[]::new);
    Arrays.sort(sorted, (a, b) -> Long.compare(a.address, b.address));
    byAddress = sorted;
  }

  /** The region of an index; null if it is closed. */
  @Nullable Region get(int index) {
    @Nullable Region[] now = byIndex;
    return index < now.length ? now[index] : null;
  }

  /** The region that contains an address, or null. */
  @Nullable Region find(long address) {
    Region[] now = byAddress;
    int low = 0;
    int high = now.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Region region = now[middle];
      if (address < region.address) {
        high = middle - 1;
      } else if (address >= region.address + region.mappedBytes()) {
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
