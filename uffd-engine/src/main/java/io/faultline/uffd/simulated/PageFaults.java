package io.faultline.uffd.simulated;

import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.RegisterMode;
import org.jspecify.annotations.Nullable;

/** Resolves faults that need no userfaultfd. Called under the page's lock. */
final class PageFaults {
  private PageFaults() {}

  /** Whether a page-table entry permits an access. */
  static boolean permits(Vma area, int pte, boolean write) {
    return write ? Pte.isWritable(pte, area.object().shared) : Pte.isPresent(pte);
  }

  /**
   * Resolves a fault.
   *
   * @return null if the access must be retried, else the kind of fault to wait in
   * @throws MemoryErrorException on poison, beyond the end of a file, or without a huge page left
   */
  static @Nullable RegisterMode resolve(Vma area, int index, boolean write) {
    int pte = syncEntry(area, index);
    if (Pte.has(pte, Pte.POISON)) {
      throw new MemoryErrorException(area.address(index));
    }
    if (Pte.isPresent(pte)) {
      return permits(area, pte, write) ? null : resolveProtected(area, index, pte);
    }
    return area.object().isAnonymous()
        ? resolveAnonymous(area, index, pte, write)
        : resolveOfFile(area, index, pte, write);
  }

  /** Whether a fault must still wait ({@code userfaultfd_must_wait}). Called without locks. */
  static boolean mustWait(Vma area, int index, RegisterMode reason) {
    int pte = area.object().table.peek(index);
    return Pte.isNoneOrMarker(pte)
        || (reason == RegisterMode.WRITE_PROTECT && !Pte.isWritable(pte, area.object().shared));
  }

  /**
   * Returns the entry of a page, after updating it if plain stores touched the page; hardware would
   * have faulted. Memory registered for missing faults must not be touched by plain stores.
   */
  static int syncEntry(Vma area, int index) {
    MappedObject object = area.object();
    PageTable table = object.table;
    int pte = table.get(index);
    boolean watched = area.isRegistered(RegisterMode.MISSING);
    PageCache cache = object.cache;
    if (cache != null && (!watched || cache.hasAlias())) {
      cache.sync(object.cacheIndex(index));
    }
    if (pte != Pte.NONE || watched) {
      return pte;
    }
    Frames own = object.own;
    if (own != null && !own.isZero(index)) {
      object.takeOwn(index);
      table.set(index, Pte.PRESENT | Pte.ANONYMOUS);
    } else if (own == null && area.context() == null && isCached(object, index)) {
      table.set(index, Pte.PRESENT);
    }
    return table.get(index);
  }

  private static boolean isCached(MappedObject object, int index) {
    return object.file().isCached(object.cacheIndex(index));
  }

  /** Resolves a store to a present page that is not writable. */
  private static @Nullable RegisterMode resolveProtected(Vma area, int index, int pte) {
    MappedObject object = area.object();
    if (Pte.has(pte, Pte.WRITE_PROTECTED)) {
      if (area.isRegistered(RegisterMode.WRITE_PROTECT) && !area.isWriteProtectAsync()) {
        return RegisterMode.WRITE_PROTECT;
      }
      object.table.set(index, pte & ~Pte.WRITE_PROTECTED);
      return null;
    }
    if (!object.shared && !Pte.has(pte, Pte.ANONYMOUS)) {
      copyOnWrite(area, index, pte);
    } else {
      object.table.set(index, (pte & ~(Pte.ZERO | Pte.FORKED)) | Pte.ANONYMOUS);
    }
    return null;
  }

  private static void copyOnWrite(Vma area, int index, int pte) {
    MappedObject object = area.object();
    takeOwn(area, index);
    if (!Pte.has(pte, Pte.ZERO)) {
      object.privateFrames().fill(index, object.file().frames.address(object.cacheIndex(index)));
    }
    object.table.set(index, (pte & ~(Pte.ZERO | Pte.FORKED)) | Pte.ANONYMOUS);
  }

  private static @Nullable RegisterMode resolveAnonymous(
      Vma area, int index, int marker, boolean write) {
    if (area.isRegistered(RegisterMode.MISSING)) {
      return RegisterMode.MISSING;
    }
    MappedObject object = area.object();
    boolean base = !object.pageSize.isHuge();
    if (write && base && TransparentHugePages.mapZeros(area, area.address(index))) {
      return null;
    }
    boolean zero = !write && base;
    if (!zero) {
      takeOwn(area, index);
    }
    int kind = zero ? Pte.ZERO | Pte.ANONYMOUS : Pte.ANONYMOUS;
    object.table.set(index, Pte.PRESENT | kind | keptProtection(area, marker));
    return null;
  }

  private static @Nullable RegisterMode resolveOfFile(
      Vma area, int index, int marker, boolean write) {
    MappedObject object = area.object();
    PageCache cache = object.file();
    int cacheIndex = object.cacheIndex(index);
    if (!cache.contains(cacheIndex)) {
      throw new MemoryErrorException(area.address(index));
    }
    if (cache.isCached(cacheIndex)) {
      if (area.isRegistered(RegisterMode.MINOR)) {
        return RegisterMode.MINOR;
      }
    } else if (area.isRegistered(RegisterMode.MISSING)) {
      return RegisterMode.MISSING;
    } else if (!object.shared && object.pageSize.isHuge()) {
      takeOwn(area, index);
      int pte = Pte.PRESENT | Pte.ANONYMOUS;
      object.table.set(index, pte | keptProtection(area, marker));
      return null;
    } else if (!cache.add(cacheIndex)) {
      throw new MemoryErrorException(area.address(index));
    }
    resolveCached(area, index, marker, write);
    return null;
  }

  private static void resolveCached(Vma area, int index, int marker, boolean write) {
    MappedObject object = area.object();
    int pte = Pte.PRESENT | keptProtection(area, marker);
    if (!object.shared && write) {
      copyOnWrite(area, index, pte);
    } else {
      mapFromCache(object, index, pte);
    }
  }

  /** Maps a page of the page cache; in a private mapping a copy, for plain reads. */
  static void mapFromCache(MappedObject object, int index, int pte) {
    if (!object.shared) {
      object.privateFrames().fill(index, object.file().frames.address(object.cacheIndex(index)));
    }
    object.table.set(index, pte);
  }

  private static int keptProtection(Vma area, int marker) {
    return area.isRegistered(RegisterMode.WRITE_PROTECT) ? marker & Pte.WRITE_PROTECTED : 0;
  }

  private static void takeOwn(Vma area, int index) {
    if (!area.object().takeOwn(index)) {
      throw new MemoryErrorException(area.address(index));
    }
  }
}
