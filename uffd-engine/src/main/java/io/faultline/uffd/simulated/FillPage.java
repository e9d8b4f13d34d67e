package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;

/**
 * The four ways to fill one page ({@code mfill_atomic_pte}). Each returns 0 or an error number, and
 * is called under the page's lock.
 */
enum FillPage {
  COPY("UFFDIO_COPY") {
    @Override
    int apply(Vma area, int index, long source, int protection) {
      MappedObject object = area.object();
      if (!isInFile(object, index)) {
        return Errno.EFAULT;
      }
      return object.shared
          ? intoCache(area, index, source, protection)
          : intoOwn(area, index, source, protection);
    }
  },
  ZEROPAGE("UFFDIO_ZEROPAGE") {
    @Override
    int apply(Vma area, int index, long source, int protection) {
      MappedObject object = area.object();
      if (!isInFile(object, index)) {
        return Errno.EFAULT;
      }
      if (object.shared) {
        return intoCache(area, index, 0, protection);
      }
      if (PageFaults.syncEntry(area, index) != Pte.NONE) {
        return Errno.EEXIST;
      }
      object.table.set(index, Pte.PRESENT | Pte.ZERO | Pte.ANONYMOUS);
      return 0;
    }
  },
  CONTINUE("UFFDIO_CONTINUE") {
    @Override
    int apply(Vma area, int index, long source, int protection) {
      MappedObject object = area.object();
      int pte = PageFaults.syncEntry(area, index);
      PageCache cache = object.cache;
      if (cache == null || !cache.isCached(object.cacheIndex(index))) {
        return Errno.EFAULT;
      }
      if (Pte.isPresent(pte)) {
        return Errno.EEXIST;
      }
      PageFaults.mapFromCache(object, index, Pte.PRESENT | protection);
      return 0;
    }
  },
  POISON("UFFDIO_POISON") {
    @Override
    int apply(Vma area, int index, long source, int protection) {
      MappedObject object = area.object();
      if (PageFaults.syncEntry(area, index) != Pte.NONE) {
        return Errno.EEXIST;
      }
      object.table.set(index, Pte.POISON);
      return 0;
    }
  };

  private final String call;

  FillPage(String call) {
    this.call = call;
  }

  /** The ioctl's name. */
  String call() {
    return call;
  }

  /**
   * Fills a page.
   *
   * @param source the native address of the contents, for COPY
   * @param protection {@link Pte#WRITE_PROTECTED} or 0
   */
  abstract int apply(Vma area, int index, long source, int protection);

  private static boolean isInFile(MappedObject object, int index) {
    PageCache cache = object.cache;
    return cache == null || cache.contains(object.cacheIndex(index));
  }

  /** Fills a page of the page cache and maps it; source 0 means zeros. */
  private static int intoCache(Vma area, int index, long source, int protection) {
    MappedObject object = area.object();
    PageCache cache = object.file();
    int cacheIndex = object.cacheIndex(index);
    PageFaults.syncEntry(area, index);
    if (cache.isCached(cacheIndex) || !cache.add(cacheIndex)) {
      // an exhausted pool too is EEXIST, as in Linux
      return Errno.EEXIST;
    }
    if (source != 0) {
      cache.frames.fill(cacheIndex, source);
    }
    object.table.set(index, Pte.PRESENT | protection);
    return 0;
  }

  private static int intoOwn(Vma area, int index, long source, int protection) {
    MappedObject object = area.object();
    if (Pte.isPresent(PageFaults.syncEntry(area, index)) || !object.takeOwn(index)) {
      return Errno.EEXIST;
    }
    object.privateFrames().fill(index, source);
    object.table.set(index, Pte.PRESENT | Pte.ANONYMOUS | protection);
    return 0;
  }
}
