package io.faultline.paging;

import io.faultline.paging.table.Run;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The regions of a pager, by index. Readers see a consistent array; changes copy it. Thread-safe.
 */
final class Regions {
  private volatile @Nullable Region[] byIndex = {};

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
  }

  synchronized void remove(Region region) {
    @Nullable Region[] indexed = byIndex.clone();
    indexed[region.index] = null;
    byIndex = indexed;
  }

  /** The region of an index; null if it is closed. */
  @Nullable Region get(int index) {
    @Nullable Region[] now = byIndex;
    return index < now.length ? now[index] : null;
  }

  Region[] all() {
    return Arrays.stream(byIndex).filter(Objects::nonNull).toArray(Region[]::new);
  }
}
